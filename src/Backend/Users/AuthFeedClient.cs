using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Reads auth's feed of user changes, as the client <c>throughline-backend</c>.</summary>
internal sealed class AuthFeedClient(IHttpClientFactory http, StateFolder state, TimeProvider time)
{
    public const string HttpClientName = "auth-feed";
    public const int WaitSeconds = 20;

    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(1);

    private readonly string _secret = state.ReadSecret("client-backend");
    private string? _token;
    private DateTimeOffset _renewAt;

    /// <param name="isWaiting">Whether auth waits for a change where there is none, at most <see cref="WaitSeconds"/>.</param>
    /// <exception cref="HttpRequestException">Auth is away, or answers with an error.</exception>
    /// <exception cref="TimeoutException">Auth does not answer.</exception>
    public async Task<UserChanges> ReadAsync(long after, bool isWaiting, CancellationToken cancellationToken)
    {
        try
        {
            using var client = http.CreateClient(HttpClientName);
            var token = await TokenAsync(client, cancellationToken);
            using var request = new HttpRequestMessage(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://auth/internal/users/changes?after={after}&wait={(isWaiting ? WaitSeconds : 0)}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, cancellationToken);
            // An auth with other keys than before: the next attempt asks for a new token.
            if (response.StatusCode == HttpStatusCode.Unauthorized) _token = null;
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync(WireJson.Default.UserChanges, cancellationToken)
                ?? throw new HttpRequestException("Auth answered with no changes at all.");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("Auth's answer is not readable.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("Auth does not answer.", e);
        }
    }

    private async Task<string> TokenAsync(HttpClient client, CancellationToken cancellationToken)
    {
        if (_token is { } known && time.GetUtcNow() < _renewAt) return known;
        using var form = new FormUrlEncodedContent(
            [new("grant_type", "client_credentials"), new("client_id", "throughline-backend"), new("client_secret", _secret)]);
        using var response = await client.PostAsync("http://auth/connect/token", form, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(AuthFeedJson.Default.ServiceToken, cancellationToken)
            ?? throw new HttpRequestException("Auth answered with no token.");
        _renewAt = time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn) - RenewBefore;
        return _token = answer.AccessToken;
    }
}

internal sealed record ServiceToken(
    [property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);

[JsonSerializable(typeof(ServiceToken))]
internal sealed partial class AuthFeedJson : JsonSerializerContext;
