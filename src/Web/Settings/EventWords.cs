using Throughline.Contracts.Accounts;

namespace Throughline.Web.Settings;

/// <summary>Entries of the audit log, in words.</summary>
internal static class EventWords
{
    /// <summary>Every event by its name on the wire, as a filter offers it.</summary>
    public static readonly IReadOnlyList<(string Value, string Words)> All =
    [
        ("login", "Sign-in"), ("logout", "Sign-out"), ("session.revoked", "Device signed out"), ("refresh.reused", "Token used twice"),
        ("device.approved", "Device sign-in"), ("account.created", "Account created"), ("account.changed", "Account changed"),
        ("account.deleted", "Account deleted"), ("email.verified", "E-mail confirmation"), ("password.forgotten", "Password forgotten"),
        ("password.reset", "Password reset"), ("password.changed", "Password changed"), ("totp.changed", "Two-step sign-in"),
        ("passkey.changed", "Passkeys"), ("api_key.created", "API key made"), ("api_key.revoked", "API key revoked"),
        ("admin.action", "Administration"), ("signing_key.rotated", "Signing key rotated"), ("access.denied", "Access denied"),
    ];

    public static string Of(AuditRecord entry) => (entry.Event, entry.Outcome == "success") switch
    {
        ("login", true) => "Signed in",
        ("login", false) => entry.Outcome == "denied" ? "A sign-in was refused" : "A sign-in failed",
        ("logout", true) => "Signed out",
        ("session.revoked", true) => "A device was signed out",
        ("refresh.reused", _) => "A sign-in was used twice, so it was ended",
        ("device.approved", true) => "A device was signed in with a code",
        ("device.approved", false) => "A device was turned away",
        ("account.created", true) => "The account was created",
        ("account.changed", true) => "The account was changed",
        ("account.deleted", true) => "The account was deleted",
        ("email.verified", true) => "The e-mail was confirmed",
        ("password.forgotten", _) => "A link to set a new password was asked for",
        ("password.reset", true) => "The password was set by a mailed link",
        ("password.changed", true) => "The password was changed",
        ("totp.changed", true) => "Two-step sign-in was changed",
        ("passkey.changed", true) => "The passkeys were changed",
        ("api_key.created", true) => "An API key was made",
        ("api_key.revoked", true) => "An API key was revoked",
        ("admin.action", true) => "An administrator acted on the account",
        ("access.denied", _) => "Something was asked for that is not allowed",
        var (name, isDone) => $"{Name(name)}{(isDone ? "" : ": refused")}",
    };

    public static string Name(string name) => All.FirstOrDefault(known => known.Value == name).Words ?? name;

    /// <summary>What its user should look at twice.</summary>
    public static bool IsAlarming(AuditRecord entry) => entry.Event == "refresh.reused" || entry.Outcome != "success";
}
