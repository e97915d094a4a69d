using System.Globalization;
using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Accounts;

/// <summary>The signed-in user's account and devices, under <c>/auth</c>. Works in the browser and in native programs alike.</summary>
/// <param name="http">Its base address is the public origin or auth's.</param>
public sealed class AccountClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _anonymous = new(http, null, time ?? TimeProvider.System);
    private readonly ApiRequests _signedIn = new(http, tokens, time ?? TimeProvider.System);

    /// <summary>Makes an account. It does not sign in.</summary>
    /// <exception cref="Problems.ProtocolException"><c>email_taken</c>; <c>weak_password</c> or <c>invalid_field</c>, with the
    /// field's name in <see cref="Problems.ProtocolException.Errors"/>; <c>rate_limited</c>.</exception>
    public Task<SignUpResponse> SignUpAsync(SignUpRequest request, CancellationToken cancellationToken) =>
        _anonymous.SendAsync(HttpMethod.Post, "/auth/signup", request,
            WireJson.Default.SignUpRequest, WireJson.Default.SignUpResponse, cancellationToken);

    public Task<Account> GetAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/me", WireJson.Default.Account, cancellationToken);

    /// <summary>Changes the profile.</summary>
    /// <param name="version"><see cref="Account.Version"/> that the change is based on; a newer one at the service refuses it.</param>
    public Task<Account> UpdateAsync(AccountPatch patch, long version, CancellationToken cancellationToken) =>
        _signedIn.ReadAsync(HttpMethod.Patch, "/auth/me", () => ApiRequests.Json(patch, WireJson.Default.AccountPatch), WireJson.Default.Account,
            cancellationToken, request => request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));

    /// <summary>Erases the account everywhere. There is no way back.</summary>
    public Task EraseAsync(CancellationToken cancellationToken) => _signedIn.SendAsync(HttpMethod.Delete, "/auth/me", cancellationToken);

    /// <summary>Ends the session that is asking, on the service; its sockets close within a second (4004).</summary>
    public Task LogOutAsync(CancellationToken cancellationToken) => _signedIn.SendAsync(HttpMethod.Post, "/auth/logout", cancellationToken);

    /// <summary>Every signed-in device, the one that is asking marked <see cref="DeviceSession.Current"/>.</summary>
    public Task<Page<DeviceSession>> ListSessionsAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/sessions", WireJson.Default.PageDeviceSession, cancellationToken);

    /// <summary>Signs one device out.</summary>
    public Task RevokeSessionAsync(Guid sessionId, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Delete, Paths.Of("/auth/sessions", $"{sessionId}"), cancellationToken);

    /// <summary>Signs every other device out; the one that is asking stays.</summary>
    public Task RevokeOtherSessionsAsync(CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Delete, "/auth/sessions", cancellationToken);
}
