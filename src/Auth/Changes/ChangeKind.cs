namespace Throughline.Auth.Changes;

/// <summary>What an entry of the outbox tells.</summary>
internal static class ChangeKind
{
    public const string Upserted = "user.upserted";
    public const string Deleted = "user.deleted";
    public const string SessionRevoked = "session.revoked";

    /// <summary>Told of a user who was deleted since. Nothing is left of it but its place, and it is told to nobody.</summary>
    public const string Blank = "";
}
