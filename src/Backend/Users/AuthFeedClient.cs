using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Reads auth's feed with a token of the backend's own (client credentials).</summary>
internal sealed class AuthFeedClient(IHttpClientFactory clients, StateFolder state, TimeProvider time)
{
    public const string HttpClientName = "auth-feed";
    public const int WaitSeconds = 20;

    private const string ClientId = "throughline-backend";

    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(60);

    private readonly string _secret = state.ReadSecret("client-backend");
    private (string Token, DateTimeOffset RenewAt) _own = ("", DateTimeOffset.MinValue);

    /// <param name="wait">Whether to wait for something where there is nothing.</param>
    public async Task<UserChanges> ReadAsync(long after, bool wait, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(HttpClientName);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://auth/internal/users/changes?after={after}&wait={(wait ? WaitSeconds : 0)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(http, cancellationToken));
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized) _own = default; // its keys have changed: get another
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.UserChanges, cancellationToken))!;
    }

    private async Task<string> TokenAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (_own.Token is { Length: > 0 } token && time.GetUtcNow() < _own.RenewAt) return token;
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", ClientId), new("client_secret", _secret)]);
        using var response = await http.PostAsync("http://auth/connect/token", form, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        _own = (answer.GetProperty("access_token").GetString()!, time.GetUtcNow().AddSeconds(answer.GetProperty("expires_in").GetInt32()) - RenewBefore);
        return _own.Token;
    }
}
