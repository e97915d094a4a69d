using Throughline.Auth.Sessions;

namespace Throughline.Auth.Audit;

/// <summary>Something that a security reviewer asks about later. Where from, when and in which trace is added as it is written.</summary>
/// <param name="Name">One of <see cref="AuditEvents"/>.</param>
/// <param name="UserId">Whose account; null for an e-mail that nobody has.</param>
/// <param name="Detail">In words, at most 400 characters; never a secret, a code, or an e-mail that somebody typed.</param>
/// <param name="From">Where it came from, for what is written after its request was answered; else the request says.</param>
internal sealed record AuditEvent(
    string Name, AuditOutcome Outcome, Guid? UserId, Guid? SessionId = null, string? Detail = null, Device? From = null);

internal enum AuditOutcome
{
    Success,

    /// <summary>It was tried and was not right: a wrong password, a spent code.</summary>
    Failure,

    /// <summary>It was right, or may have been, and is not allowed: a limit, a missing role, a disabled account.</summary>
    Denied,
}

/// <summary>The names of events, in one place so that they can be searched for.</summary>
internal static class AuditEvents
{
    public const string AccountCreated = "account.created";
    public const string AccountChanged = "account.changed";
    public const string AccountDeleted = "account.deleted";
    public const string Login = "login";
    public const string Logout = "logout";
    public const string SessionRevoked = "session.revoked";
    public const string RefreshReused = "refresh.reused";
    public const string EmailVerified = "email.verified";
    public const string PasswordForgotten = "password.forgotten";
    public const string PasswordReset = "password.reset";
    public const string PasswordChanged = "password.changed";
    public const string TotpChanged = "totp.changed";
    public const string PasskeyChanged = "passkey.changed";
    public const string ApiKeyCreated = "api_key.created";
    public const string ApiKeyRevoked = "api_key.revoked";
    public const string DeviceApproved = "device.approved";
    public const string AdminAction = "admin.action";
    public const string SigningKeyRotated = "signing_key.rotated";
    public const string AccessDenied = "access.denied";
}
