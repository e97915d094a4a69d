using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Accounts;

/// <summary>The signed-in user's long-lived keys for scripts. To use one, give it as <see cref="FixedToken"/>.</summary>
/// <param name="http">Its base address is the public origin or auth's.</param>
public sealed class ApiKeyClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _signedIn = new(http, tokens, time ?? TimeProvider.System);

    /// <summary>Makes a key. It is in this answer and nowhere else.</summary>
    /// <exception cref="Problems.ProtocolException"><c>invalid_field</c>, naming it in <see cref="Problems.ProtocolException.Errors"/>.</exception>
    public Task<CreatedApiKey> CreateAsync(NewApiKey key, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/api-keys", key, WireJson.Default.NewApiKey, WireJson.Default.CreatedApiKey, cancellationToken);

    public Task<Page<ApiKeySummary>> ListAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/api-keys", WireJson.Default.PageApiKeySummary, cancellationToken);

    /// <summary>Revokes a key: refused everywhere within a second, and its sockets close (4004).</summary>
    public Task RevokeAsync(Guid id, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Delete, Paths.Of("/auth/api-keys", $"{id}"), cancellationToken);
}
