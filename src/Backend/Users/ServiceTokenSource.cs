using System.Text.Json.Serialization;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>The token of the client <c>throughline-backend</c>, with which this service speaks to auth; asked for anew shortly before its end.</summary>
internal sealed class ServiceTokenSource(StateFolder state, TimeProvider time)
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(1);

    private readonly string _secret = state.ReadSecret("client-backend");
    private Held? _held;

    /// <param name="client">Addresses auth by its name.</param>
    /// <exception cref="HttpRequestException">Auth is away, or gives none.</exception>
    public async Task<string> GetAsync(HttpClient client, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _held) is { } known && time.GetUtcNow() < known.RenewAt) return known.Token;
        using var form = new FormUrlEncodedContent(
            [new("grant_type", "client_credentials"), new("client_id", "throughline-backend"), new("client_secret", _secret)]);
        using var response = await client.PostAsync("http://auth/connect/token", form, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(ServiceTokenJson.Default.ServiceToken, cancellationToken)
            ?? throw new HttpRequestException("Auth answered with no token.");
        Volatile.Write(ref _held, new(answer.AccessToken, time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn) - RenewBefore));
        return answer.AccessToken;
    }

    /// <summary>Auth refused it: it may run with other keys than before.</summary>
    public void Forget() => Volatile.Write(ref _held, null);

    private sealed record Held(string Token, DateTimeOffset RenewAt);
}

internal sealed record ServiceToken(
    [property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);

[JsonSerializable(typeof(ServiceToken))]
internal sealed partial class ServiceTokenJson : JsonSerializerContext;
