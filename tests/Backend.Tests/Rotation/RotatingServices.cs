using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Client;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Rotation;

/// <summary>Services whose keys live for seconds instead of months; the operator turns them over.</summary>
public sealed class RotatingServices : Services
{
    public static readonly TimeSpan AccessLifetime = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan PublishFor = TimeSpan.FromSeconds(2);

    private string? _token;
    private long _signedIn;

    protected override IReadOnlyDictionary<string, string> AuthSettings { get; } = new Dictionary<string, string>
    {
        ["Tokens__AccessLifetime"] = AccessLifetime.ToString(),
        ["SigningKeys__PublishFor"] = PublishFor.ToString(),
    };

    public async Task<SigningKeyList> KeysAsync(CancellationToken cancellationToken)
    {
        using var http = await OperatorAsync(cancellationToken);
        return (await http.GetFromJsonAsync("/internal/keys", WireJson.Default.SigningKeyList, cancellationToken))!;
    }

    /// <summary>Begins a rotation.</summary>
    /// <returns>The key that signs next, or already does.</returns>
    public async Task<SigningKeySummary> RotateAsync(bool isCompromised, CancellationToken cancellationToken)
    {
        using var http = await OperatorAsync(cancellationToken);
        using var response = await http.PostAsJsonAsync("/internal/keys/rotations", new KeyRotation(isCompromised), WireJson.Default.KeyRotation, cancellationToken);
        response.EnsureSuccessStatusCode();
        if (isCompromised) _token = null; // it went with its key
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.SigningKeySummary, cancellationToken))!;
    }

    public async Task<IReadOnlyList<string>> PublishedAsync(CancellationToken cancellationToken)
    {
        using var http = ThroughlineHttp.Create(Auth.Url);
        var set = await http.GetFromJsonAsync<JsonElement>("/.well-known/jwks", cancellationToken);
        return [.. set.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
    }

    /// <summary>Signs in anew only when its token comes to its end: verifying a client's secret is work.</summary>
    private async Task<HttpClient> OperatorAsync(CancellationToken cancellationToken)
    {
        var http = ThroughlineHttp.Create(Auth.Url);
        if (_token is null || TimeProvider.System.GetElapsedTime(_signedIn) > AccessLifetime / 2)
        {
            using var form = new FormUrlEncodedContent([
                new("grant_type", "client_credentials"), new("client_id", "throughline-operator"),
                new("client_secret", await File.ReadAllTextAsync(State.PathOf("secrets", "client-operator"), cancellationToken))]);
            _signedIn = TimeProvider.System.GetTimestamp();
            using var response = await http.PostAsync("/connect/token", form, cancellationToken);
            response.EnsureSuccessStatusCode();
            _token = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("access_token").GetString();
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return http;
    }
}
