namespace Throughline.Backend.Users;

/// <summary>The kinds of change that auth's feed tells of.</summary>
internal static class UserChangeKind
{
    public const string Upserted = "user.upserted";
    public const string Deleted = "user.deleted";
    public const string SessionRevoked = "session.revoked";
}
