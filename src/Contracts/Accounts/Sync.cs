using System.Security.Cryptography;
using System.Text;

namespace Throughline.Contracts.Accounts;

/// <summary>A user as auth has it, as far as another service's copy can be compared with it: <c>GET /internal/users</c>.</summary>
/// <param name="Status"><c>active</c>, <c>disabled</c>, or <c>deleted</c> for a tombstone, which has nothing else.</param>
/// <param name="Profile"><see cref="ProfileHash"/> of e-mail and name.</param>
/// <param name="LiveSessions">Those that may be renewed.</param>
/// <param name="RevokedSessions">Those that were revoked, as long as auth keeps them.</param>
public sealed record UserState(
    Guid UserId, long Version, string Status, string? Tier = null, string? Role = null, string? Profile = null,
    IReadOnlyList<Guid>? LiveSessions = null, IReadOnlyList<Guid>? RevokedSessions = null);

/// <summary>A page of users and tombstones, by id.</summary>
/// <param name="Next">For the next call's <c>after</c>; absent on the last page.</param>
public sealed record UserStates(IReadOnlyList<UserState> Items, Guid? Next = null);

/// <summary>What another service has seen of a user: <c>POST /internal/users/{id}/retell</c>.</summary>
/// <param name="Version">The version it has; auth tells the user again under a higher one.</param>
/// <param name="RevokedSessions">Sessions that it was told are revoked; auth revokes those that it holds for live.</param>
public sealed record SeenUser(long Version, IReadOnlyList<Guid>? RevokedSessions = null);

/// <summary>What a holder has erased of a deleted user: <c>POST /internal/users/{id}/erased</c>.</summary>
public sealed record ErasureReport(IReadOnlyList<ErasedItem> Items);

/// <summary>One place where a copy of a user is not what auth has.</summary>
/// <param name="Kind">
/// <c>missing</c>: auth has it, the copy not. <c>extra</c>: the reverse. <c>older</c>, <c>newer</c>: by version. <c>different</c>: the
/// same version, other content. <c>undead</c>: deleted at auth, alive here. <c>erased</c>: the reverse. <c>session</c>: revoked on one side only.
/// </param>
/// <param name="Repaired">Whether it was repaired; absent where no repair was asked for.</param>
public sealed record Divergence(Guid UserId, string Kind, string Detail, bool? Repaired = null);

/// <summary>A line of the answer to <c>POST /internal/reconcile</c> (JSON lines): progress, a divergence, or the end.</summary>
/// <param name="Compared">Users compared so far.</param>
/// <param name="IsDone">On the last line only; without it the comparison broke off.</param>
/// <param name="Error">Why it broke off.</param>
public sealed record ReconcileLine(long Compared, Divergence? Found = null, bool IsDone = false, string? Error = null);

/// <summary>Compares profiles without sending them.</summary>
public static class ProfileHash
{
    /// <summary>SHA-256 over both, hexadecimal.</summary>
    public static string Of(string email, string name) =>
        // An e-mail holds no line end, so no two pairs give the same text.
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{email}\n{name}")));
}
