using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Changes;

/// <summary>Users, tombstones and sessions as they are now, for comparing copies with.</summary>
internal sealed class UserStateReader(AuthDb db, TimeProvider time)
{
    /// <summary>Users and tombstones with ids after <paramref name="after"/>, in the order of their ids.</summary>
    public async Task<UserStates> PageAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        var users = await db.Users.AsNoTracking().Where(u => u.Id > after).OrderBy(u => u.Id).Take(limit).ToListAsync(cancellationToken);
        var tombstones = await TombstonesAsync(after, users.Count == limit ? users[^1].Id : null, limit, cancellationToken);
        // Both are whole up to their last id, so the first `limit` of both together are whole too.
        var ids = users.Select(u => u.Id).Concat(tombstones.Select(t => t.UserId)).Order(ById).Take(limit).ToHashSet();
        var sessions = await SessionsAsync(ids, cancellationToken);
        var items = users.Where(u => ids.Contains(u.Id)).Select(u => Describe(u, sessions[u.Id]))
            .Concat(tombstones.Where(t => ids.Contains(t.UserId)))
            .OrderBy(state => state.UserId, ById)
            .ToList();
        return new(items, items.Count == limit ? items[^1].UserId : null);
    }

    /// <returns>Null for an id that auth never had, or has no trace of.</returns>
    public async Task<UserState?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (user is not null) return Describe(user, (await SessionsAsync([id], cancellationToken))[id]);
        var tombstone = await db.Changes.AsNoTracking().Where(c => c.UserId == id && c.Kind == ChangeKind.Deleted).MaxAsync(c => (long?)c.Version, cancellationToken);
        return tombstone is { } version ? new(id, version, "deleted") : null;
    }

    private async Task<List<UserState>> TombstonesAsync(Guid after, Guid? last, int limit, CancellationToken cancellationToken)
    {
        var found = await db.Changes.AsNoTracking()
            .Where(c => c.UserId > after && (last == null || c.UserId <= last) && c.Kind == ChangeKind.Deleted)
            .GroupBy(c => c.UserId, (id, told) => new { Id = id, Version = told.Max(c => c.Version) })
            .OrderBy(t => t.Id).Take(limit).ToListAsync(cancellationToken);
        return found.ConvertAll(t => new UserState(t.Id, t.Version, "deleted"));
    }

    private async Task<ILookup<Guid, SessionState>> SessionsAsync(IReadOnlyCollection<Guid> users, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sessions = await db.Sessions.AsNoTracking()
            .Where(s => users.Contains(s.UserId) && (s.RevokedAt != null || s.ExpiresAt > now))
            .Select(s => new SessionState(s.UserId, s.Id, s.RevokedAt != null)).ToListAsync(cancellationToken);
        // A key is the session of all that is done with it.
        var keys = await db.ApiKeys.AsNoTracking()
            .Where(k => users.Contains(k.UserId) && (k.RevokedAt != null || k.ExpiresAt == null || k.ExpiresAt > now))
            .Select(k => new SessionState(k.UserId, k.Id, k.RevokedAt != null)).ToListAsync(cancellationToken);
        return sessions.Concat(keys).ToLookup(s => s.UserId);
    }

    private static UserState Describe(User user, IEnumerable<SessionState> sessions)
    {
        var byState = sessions.ToLookup(s => s.IsRevoked, s => s.SessionId);
        return new(
            user.Id, user.Version, user.IsDisabled ? "disabled" : "active", user.Tier, user.Role, ProfileHash.Of(user.Email!, user.Name),
            [.. byState[false]], [.. byState[true]]);
    }

    /// <summary>As both databases sort ids: by their digits.</summary>
    private static readonly Comparer<Guid> ById = Comparer<Guid>.Create((left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private sealed record SessionState(Guid UserId, Guid SessionId, bool IsRevoked);
}
