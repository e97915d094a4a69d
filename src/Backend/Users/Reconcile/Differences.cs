using System.Globalization;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>What differs between auth's user and the one here.</summary>
internal static class Differences
{
    public const string Missing = "missing";
    public const string Extra = "extra";
    public const string Older = "older";
    public const string Newer = "newer";
    public const string Different = "different";
    public const string Undead = "undead";
    public const string Erased = "erased";
    public const string Session = "session";

    private const string Deleted = "deleted";

    /// <returns>The first difference found; null where there is none.</returns>
    public static Divergence? Of(UserState? auth, ReplicaState? here) => (auth, here) switch
    {
        (null or { Status: Deleted }, null) => null,
        (null, { Status: UserStatus.Active }) => new(here.UserId, Extra, "Auth does not know this user."),
        (null, _) => null, // shut out, which is all that can be done about it
        ({ Status: Deleted }, { IsErased: true }) => null,
        ({ Status: Deleted }, _) => new(auth.UserId, Undead, "Deleted at auth, not here."),
        (_, null) => new(auth.UserId, Missing, Text($"Version {auth.Version} at auth, absent here.")),
        (_, { IsErased: true }) => new(auth.UserId, Erased, "Erased here, alive at auth: its owner deleted it before auth's database was restored. Delete it again, or restore erasures.log."),
        _ when auth.Version > here.Version => new(auth.UserId, Older, Text($"Version {auth.Version} at auth, {here.Version} here.")),
        _ when auth.Version < here.Version => new(auth.UserId, Newer, Text($"Version {auth.Version} at auth, {here.Version} here.")),
        _ when MembersOf(auth, here) is { Length: > 0 } members => new(auth.UserId, Different, Text($"Version {auth.Version} on both sides, with another {members}.")),
        _ => SessionOf(auth, here),
    };

    /// <summary>Whether the feed may yet bring what is amiss. It brings nothing for a copy that is as new as auth's user, or newer.</summary>
    public static bool MayArrive(Divergence divergence) => divergence.Kind is Missing or Older or Undead or Session;

    /// <summary>Sessions that are revoked here, and live at auth.</summary>
    public static IReadOnlyList<Guid> RevokedHereOnly(UserState auth, ReplicaState? here) =>
        here is null ? [] : [.. (auth.LiveSessions ?? []).Where(here.RevokedSessions.Contains)];

    private static string MembersOf(UserState auth, ReplicaState here)
    {
        (string Name, bool IsSame)[] members =
            [("status", auth.Status == here.Status), ("tier", auth.Tier == here.Tier), ("role", auth.Role == here.Role), ("name or e-mail", auth.Profile == here.Profile)];
        return string.Join(", ", members.Where(m => !m.IsSame).Select(m => m.Name));
    }

    private static Divergence? SessionOf(UserState auth, ReplicaState here)
    {
        var (unheard, alive) = ((auth.RevokedSessions ?? []).Count(s => !here.RevokedSessions.Contains(s)), RevokedHereOnly(auth, here).Count);
        return (unheard, alive) == (0, 0) ? null : new(auth.UserId, Session, Text($"{unheard} revoked at auth only, {alive} revoked here only."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
