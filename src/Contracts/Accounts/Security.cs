namespace Throughline.Contracts.Accounts;

/// <summary><c>POST /auth/password/forgot</c>: answered alike, and as fast, for an e-mail that nobody has.</summary>
public sealed record ForgotPassword(string Email);

/// <summary><c>POST /auth/password/reset</c>. It signs nobody in; it ends every session.</summary>
/// <param name="Code">From the mail: one use, ten minutes.</param>
public sealed record PasswordReset(string Code, string Password);

/// <summary><c>POST /auth/password/change</c>. It ends every other session.</summary>
public sealed record PasswordChange(string Current, string Password);

/// <summary><c>POST /auth/email/verify</c>. It ends every session but the one that asks, if one does.</summary>
/// <param name="Code">From the mail: one use, ten minutes.</param>
public sealed record EmailVerification(string Code);

/// <summary>What a sign-in page must know before anybody is signed in: <c>GET /auth/options</c>.</summary>
/// <param name="Mail"><c>folder</c>: mail stays as files on the server. <c>smtp</c>: it is sent.</param>
/// <param name="MailFolder">Where those files are; told only to a caller on the same machine.</param>
public sealed record SignInOptions(string Mail, int PasswordMinLength, string? MailFolder = null);

/// <summary>What protects the account besides its password: <c>GET /auth/mfa</c>.</summary>
/// <param name="RecoveryCodesLeft">0 without a second factor.</param>
public sealed record AccountFactors(bool Totp, int RecoveryCodesLeft, IReadOnlyList<PasskeySummary> Passkeys);

public sealed record PasskeySummary(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>Proves again who asks, before something that an open browser alone must not do.</summary>
public sealed record PasswordProof(string Password);

/// <summary>A second factor that waits for its first code.</summary>
/// <param name="Secret">Base32, to type; <paramref name="Uri"/> is the same as an <c>otpauth://</c> address, for a QR code.</param>
public sealed record TotpSetup(string Secret, string Uri);

/// <param name="Code">Six digits, or a recovery code.</param>
public sealed record TotpCode(string Code);

/// <summary><c>POST /auth/mfa/totp/remove</c>.</summary>
/// <param name="Code">Six digits, or a recovery code.</param>
public sealed record TotpRemoval(string Password, string Code);

/// <summary>Shown once. Each stands in for one code of the authenticator.</summary>
public sealed record RecoveryCodes(IReadOnlyList<string> Codes);

/// <summary>WebAuthn's options, as the browser's <c>navigator.credentials</c> takes them.</summary>
/// <param name="State">Given back with the browser's answer; sealed, for five minutes and one use.</param>
/// <param name="Options">JSON of PublicKeyCredentialCreationOptions or PublicKeyCredentialRequestOptions.</param>
public sealed record PasskeyChallenge(string State, System.Text.Json.JsonElement Options);

/// <summary>The browser's answer to a <see cref="PasskeyChallenge"/>.</summary>
/// <param name="Credential">JSON of PublicKeyCredential.</param>
/// <param name="Name">What the person calls the passkey, when one is added.</param>
public sealed record PasskeyAnswer(string State, System.Text.Json.JsonElement Credential, string? Name = null);

/// <param name="Scopes">Of <c>api</c>, <c>api.read</c>, <c>account</c>. Left out: <c>api</c>.</param>
/// <param name="ExpiresAt">Left out: it lasts until it is revoked.</param>
public sealed record NewApiKey(string Name, IReadOnlyList<string>? Scopes = null, DateTimeOffset? ExpiresAt = null);

/// <param name="Start">Its first characters, to tell keys apart.</param>
public sealed record ApiKeySummary(
    Guid Id, string Name, string Start, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null, DateTimeOffset? LastUsedAt = null);

/// <param name="Key">The key itself, shown this once.</param>
public sealed record CreatedApiKey(ApiKeySummary Summary, string Key);

/// <summary>A key that somebody brought to one of our services: <c>POST /internal/api-keys/exchange</c>.</summary>
public sealed record PresentedApiKey(string Key);

/// <summary>What the key stands for: an access token whose <c>sid</c> is the key's id, or why it is refused.</summary>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Refusal"><c>unknown_key</c>, <c>expired</c> or <c>revoked</c>.</param>
public sealed record ExchangedApiKey(string? AccessToken = null, int? ExpiresIn = null, string? Refusal = null);

/// <summary>A device that waits for its user's word (RFC 8628): <c>POST /auth/device/approve</c>, <c>/deny</c>.</summary>
/// <param name="UserCode">As the device shows it; case and hyphens do not matter.</param>
public sealed record DeviceDecision(string UserCode);

/// <summary>Who asks, so that nobody approves blindly: <c>POST /auth/device</c>.</summary>
public sealed record WaitingDevice(string UserCode, string Client, string? Address, string? UserAgent, DateTimeOffset RequestedAt);

/// <summary>An account as an administrator sees it.</summary>
public sealed record AdminUser(
    Guid UserId, string Email, string Name, string Tier, string Role, bool Disabled, bool EmailVerified, bool Totp, int Sessions, long Version,
    DateTimeOffset CreatedAt, DateTimeOffset? LastSeenAt = null);

/// <summary>The members an administrator may change; an absent one stays.</summary>
public sealed record AdminUserPatch(string? Tier = null, string? Role = null, bool? Disabled = null);

/// <summary>One entry of the audit log.</summary>
/// <param name="Event">What: <c>login</c>, <c>password.changed</c>, <c>session.revoked</c> …</param>
/// <param name="Outcome"><c>success</c>, <c>failure</c> or <c>denied</c>.</param>
/// <param name="UserId">Whose account; absent where there is none.</param>
/// <param name="ActorId">Who did it, where that is not the account's own user.</param>
/// <param name="Hash">HMAC-SHA256 over the entry before it and this one, hexadecimal.</param>
public sealed record AuditRecord(
    long Seq, DateTimeOffset At, string Event, string Outcome, Guid? UserId, Guid? ActorId, Guid? SessionId,
    string? Address, string? UserAgent, string? Detail, string? TraceId, string Hash);

/// <summary>What was erased where, of an account that is gone: <c>GET /auth/erasures/{id}</c>.</summary>
/// <param name="CompletedAt">Absent until every holder has reported.</param>
public sealed record ErasureReceipt(Guid Id, DateTimeOffset RequestedAt, IReadOnlyList<ErasedItem> Items, DateTimeOffset? CompletedAt = null);

/// <param name="Holder"><c>auth</c>, <c>backend</c> or <c>store</c>.</param>
/// <param name="What">threads, files, facts, sessions …</param>
public sealed record ErasedItem(string Holder, string What, long Count, DateTimeOffset At);
