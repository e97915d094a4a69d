using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users;

/// <summary>Speaks to auth's routes for services, as the client <c>throughline-backend</c>: above all, reads its feed of user changes.</summary>
internal sealed class AuthFeedClient(IHttpClientFactory http, ServiceTokenSource tokens)
{
    public const string HttpClientName = "auth-feed";
    private const int WaitSeconds = 20;

    /// <summary>How long auth has to answer, beside what it was asked to wait. Where its port was taken while it was dead, whoever listens there may never answer.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);

    /// <param name="isWaiting">Whether auth waits for a change where there is none, at most <see cref="WaitSeconds"/>.</param>
    /// <exception cref="HttpRequestException">Auth is away, or answers with an error.</exception>
    /// <exception cref="TimeoutException">Auth does not answer.</exception>
    public async Task<UserChanges> ReadAsync(FeedCursor cursor, bool isWaiting, CancellationToken cancellationToken)
    {
        var mark = cursor.Mark is { } at ? string.Create(CultureInfo.InvariantCulture, $"&mark={at.ToUnixTimeMilliseconds()}") : "";
        var wait = isWaiting ? WaitSeconds : 0;
        var path = string.Create(CultureInfo.InvariantCulture, $"changes?after={cursor.Position}{mark}&wait={wait}");
        return await GetAsync(path, WireJson.Default.UserChanges, cancellationToken, wait)
            ?? throw new HttpRequestException("Auth answered with no changes at all.");
    }

    /// <summary>Users and tombstones with ids after <paramref name="after"/>.</summary>
    public async Task<UserStates> ReadStatesAsync(Guid after, CancellationToken cancellationToken) =>
        await GetAsync($"?after={after}&limit=500", WireJson.Default.UserStates, cancellationToken)
        ?? throw new HttpRequestException("Auth does not list its users.");

    /// <returns>Null for a user whom auth does not know.</returns>
    public Task<UserState?> FindStateAsync(Guid userId, CancellationToken cancellationToken) =>
        GetAsync($"{userId}/state", WireJson.Default.UserState, cancellationToken);

    /// <summary>Has auth tell the user again, by the feed.</summary>
    /// <returns>False where auth does not know the user.</returns>
    public Task<bool> RetellAsync(Guid userId, SeenUser seen, CancellationToken cancellationToken) =>
        PostAsync($"{userId}/retell", seen, WireJson.Default.SeenUser, cancellationToken);

    /// <returns>False where auth knows of no such deletion.</returns>
    public Task<bool> ReportErasedAsync(Guid userId, ErasureReport report, CancellationToken cancellationToken) =>
        PostAsync($"{userId}/erased", report, WireJson.Default.ErasureReport, cancellationToken);

    private Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, int wait = 0) where T : class =>
        SendAsync(HttpMethod.Get, path, null, response => response.Content.ReadFromJsonAsync(type, cancellationToken), wait, cancellationToken);

    private async Task<bool> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Post, path, JsonContent.Create(body, type), _ => Task.FromResult<string?>(path), wait: 0, cancellationToken) is not null;

    /// <returns>Null for 404.</returns>
    private async Task<T?> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, Func<HttpResponseMessage, Task<T?>> read, int wait, CancellationToken cancellationToken) where T : class
    {
        try
        {
            using var client = http.CreateClient(HttpClientName);
            client.Timeout = AnswersWithin + TimeSpan.FromSeconds(wait);
            var token = await tokens.GetAsync(client, cancellationToken);
            using var request = new HttpRequestMessage(method, $"http://auth/internal/users{(path[0] == '?' ? "" : "/")}{path}") { Content = content };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, cancellationToken);
            // An auth with other keys than before: the next attempt asks for a new token.
            if (response.StatusCode == HttpStatusCode.Unauthorized) tokens.Forget();
            if (response.StatusCode == HttpStatusCode.NotFound) return null;
            response.EnsureSuccessStatusCode();
            return await read(response);
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
