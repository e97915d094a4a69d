using Throughline.Client.Api;
using Throughline.Client.Tokens;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Client.Accounts;

/// <summary>What protects the signed-in user's account besides its password: codes of an authenticator, and passkeys.</summary>
/// <remarks>What an open browser alone must not do takes the password again: <c>invalid_credentials</c> where it is not right.</remarks>
/// <param name="http">Its base address is the public origin or auth's.</param>
public sealed class FactorClient(HttpClient http, IAccessTokenSource tokens, TimeProvider? time = null)
{
    private readonly ApiRequests _signedIn = new(http, tokens, time ?? TimeProvider.System);

    public Task<AccountFactors> GetAsync(CancellationToken cancellationToken) =>
        _signedIn.GetAsync("/auth/mfa", WireJson.Default.AccountFactors, cancellationToken);

    /// <summary>Makes a secret for an authenticator. It protects nothing until <see cref="ConfirmTotpAsync"/>.</summary>
    public Task<TotpSetup> BeginTotpAsync(PasswordProof proof, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/mfa/totp/begin", proof, WireJson.Default.PasswordProof, WireJson.Default.TotpSetup, cancellationToken);

    /// <summary>Turns the second factor on, by its first code.</summary>
    /// <returns>Recovery codes, which are shown this once.</returns>
    /// <exception cref="Problems.ProtocolException"><c>invalid_field</c> for <c>code</c>.</exception>
    public Task<RecoveryCodes> ConfirmTotpAsync(TotpCode code, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/mfa/totp/confirm", code, WireJson.Default.TotpCode, WireJson.Default.RecoveryCodes, cancellationToken);

    /// <summary>Makes new recovery codes; the ones before are void.</summary>
    public Task<RecoveryCodes> RenewRecoveryCodesAsync(PasswordProof proof, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/mfa/totp/recovery-codes", proof, WireJson.Default.PasswordProof, WireJson.Default.RecoveryCodes, cancellationToken);

    /// <summary>Turns the second factor off.</summary>
    public Task RemoveTotpAsync(TotpRemoval removal, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/mfa/totp/remove", removal, WireJson.Default.TotpRemoval, cancellationToken);

    /// <summary>What the browser's <c>navigator.credentials.create</c> takes.</summary>
    public Task<PasskeyChallenge> BeginPasskeyAsync(PasswordProof proof, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/passkeys/options", proof, WireJson.Default.PasswordProof, WireJson.Default.PasskeyChallenge, cancellationToken);

    /// <summary>Adds the passkey that the browser has made.</summary>
    public Task<PasskeySummary> AddPasskeyAsync(PasskeyAnswer answer, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Post, "/auth/passkeys", answer, WireJson.Default.PasskeyAnswer, WireJson.Default.PasskeySummary, cancellationToken);

    public Task RemovePasskeyAsync(string id, CancellationToken cancellationToken) =>
        _signedIn.SendAsync(HttpMethod.Delete, Paths.Of("/auth/passkeys", id), cancellationToken);
}
