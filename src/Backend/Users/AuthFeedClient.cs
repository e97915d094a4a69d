using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users;

/// <summary>Reads auth's feed of user changes, as the client <c>throughline-backend</c>.</summary>
internal sealed class AuthFeedClient(IHttpClientFactory http, ServiceTokenSource tokens)
{
    public const string HttpClientName = "auth-feed";
    public const int WaitSeconds = 20;

    /// <param name="isWaiting">Whether auth waits for a change where there is none, at most <see cref="WaitSeconds"/>.</param>
    /// <exception cref="HttpRequestException">Auth is away, or answers with an error.</exception>
    /// <exception cref="TimeoutException">Auth does not answer.</exception>
    public async Task<UserChanges> ReadAsync(long after, bool isWaiting, CancellationToken cancellationToken)
    {
        try
        {
            using var client = http.CreateClient(HttpClientName);
            var token = await tokens.GetAsync(client, cancellationToken);
            using var request = new HttpRequestMessage(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://auth/internal/users/changes?after={after}&wait={(isWaiting ? WaitSeconds : 0)}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, cancellationToken);
            // An auth with other keys than before: the next attempt asks for a new token.
            if (response.StatusCode == HttpStatusCode.Unauthorized) tokens.Forget();
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
}
