namespace Throughline.Backend.Users;

/// <summary>A user as the replica has it.</summary>
/// <param name="Status">One of <see cref="UserStatus"/>.</param>
internal sealed record ReplicaUser(
    Guid UserId, string Email, string Name, string Tier, string Role, string Status, long Version, DateTimeOffset CreatedAt, DateTimeOffset AppliedAt);

internal static class UserStatus
{
    public const string Active = "active";
    public const string Disabled = "disabled";

    /// <summary>Deleted at auth; threads and files are being erased here.</summary>
    public const string Erasing = "erasing";

    /// <summary>A tombstone: nothing is left but the id.</summary>
    public const string Erased = "erased";
}
