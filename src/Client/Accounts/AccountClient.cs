using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Accounts;

/// <summary>An account, its password, its e-mail and its devices, under <c>/auth</c>. Works in the browser and in native programs alike.</summary>
/// <remarks>Every call throws <see cref="Problems.ProtocolException"/> where the service refuses it, <c>rate_limited</c> with a time to
/// wait, and <see cref="HttpRequestException"/> where it cannot be reached.</remarks>
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

    /// <summary>What a page that asks for a password must know: how short one may be, and where mail goes.</summary>
    public Task<SignInOptions> GetOptionsAsync(CancellationToken cancellationToken) =>
        _anonymous.GetAsync("/auth/options", WireJson.Default.SignInOptions, cancellationToken);

    public Task<Account> GetAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/me", WireJson.Default.Account, cancellationToken);

    /// <summary>Changes the profile.</summary>
    /// <param name="version"><see cref="Account.Version"/> that the change is based on; a newer one at the service refuses it.</param>
    public Task<Account> UpdateAsync(AccountPatch patch, long version, CancellationToken cancellationToken) =>
        _signedIn.ReadAsync(HttpMethod.Patch, "/auth/me", () => ApiRequests.Json(patch, WireJson.Default.AccountPatch), WireJson.Default.Account,
            cancellationToken, ApiRequests.IfMatch(version));

    /// <summary>Erases the account everywhere. There is no way back.</summary>
    /// <returns>Id of the receipt, for <see cref="GetErasureAsync"/>; <c>null</c> from a service that gives none.</returns>
    public async Task<Guid?> EraseAsync(CancellationToken cancellationToken)
    {
        using var response = await _signedIn.AnswerAsync(HttpMethod.Delete, "/auth/me", null, null, cancellationToken);
        return Guid.TryParse(response.Headers.Location?.OriginalString.Split('/')[^1], out var receipt) ? receipt : null;
    }

    /// <summary>What has been erased where, of an account that is gone. Whoever knows the id may ask; it holds no personal data.</summary>
    /// <exception cref="Problems.ProtocolException"><c>not_found</c>.</exception>
    public Task<ErasureReceipt> GetErasureAsync(Guid receiptId, CancellationToken cancellationToken) =>
        _anonymous.GetAsync(Paths.Of("/auth/erasures", $"{receiptId}"), WireJson.Default.ErasureReceipt, cancellationToken);

    /// <summary>Has a mail with a new code sent to the account's address; the codes before it are spent.</summary>
    public Task SendVerificationAsync(CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/email/verify/send", cancellationToken);

    /// <summary>Confirms the e-mail by the code from the mail. Every session ends but the one that asks, if one does.</summary>
    /// <exception cref="Problems.ProtocolException"><c>invalid_field</c>: the code is spent, over ten minutes old, or was never one.</exception>
    public async Task VerifyEmailAsync(EmailVerification verification, CancellationToken cancellationToken)
    {
        var caller = await tokens.GetAsync(cancellationToken) is null ? _anonymous : _signedIn;
        await caller.SendAsync(HttpMethod.Post, "/auth/email/verify", verification, WireJson.Default.EmailVerification, cancellationToken);
    }

    /// <summary>Has a mail with a code sent, if there is such an account. The answer does not tell whether there is.</summary>
    public Task ForgetPasswordAsync(ForgotPassword request, CancellationToken cancellationToken) =>
        _anonymous.SendAsync(HttpMethod.Post, "/auth/password/forgot", request, WireJson.Default.ForgotPassword, cancellationToken);

    /// <summary>Sets a new password by the code from the mail. Every session ends; nobody is signed in by it.</summary>
    /// <exception cref="Problems.ProtocolException"><c>weak_password</c>; <c>invalid_field</c> for <c>code</c>: spent, or over ten minutes old.</exception>
    public Task ResetPasswordAsync(PasswordReset reset, CancellationToken cancellationToken) =>
        _anonymous.SendAsync(HttpMethod.Post, "/auth/password/reset", reset, WireJson.Default.PasswordReset, cancellationToken);

    /// <summary>Changes the password. Every other session ends; the one that asks stays.</summary>
    /// <exception cref="Problems.ProtocolException"><c>invalid_credentials</c>: the current password is not right; <c>weak_password</c>.</exception>
    public Task ChangePasswordAsync(PasswordChange change, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/password/change", change, WireJson.Default.PasswordChange, cancellationToken);

    /// <summary>One page of what happened to the own account, the newest first.</summary>
    /// <param name="cursor"><c>next</c> of the page before; <c>null</c>: the first page.</param>
    public Task<Page<AuditRecord>> ListActivityAsync(string? cursor, int? limit, CancellationToken cancellationToken) =>
        _signedIn.GetAsync(Paths.With("/auth/activity", ("cursor", cursor), ("limit", limit)), WireJson.Default.PageAuditRecord, cancellationToken);

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
