using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Changes;

/// <summary>
/// Tells a user's state once more, through the outbox as always, under a version above any that was seen: for a copy that lost
/// something, and after auth's own database was restored from a backup and its versions went back.
/// </summary>
internal sealed class UserRetelling(AuthDb db, DatabaseWriter writer, ChangeLog changes, AuditLog audit, TimeProvider time)
{
    /// <summary>Far above what a user reaches, and far below where counting on would end.</summary>
    public const long MaxVersion = 1L << 52;

    /// <returns>False where auth has neither the user nor its tombstone.</returns>
    public async Task<bool> TellAgainAsync(Guid id, SeenUser seen, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (!(user is null ? await TellTombstoneAsync(id, seen, cancellationToken) : await TellUserAsync(user, seen, cancellationToken))) return false;
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<bool> TellTombstoneAsync(Guid id, SeenUser seen, CancellationToken cancellationToken)
    {
        var told = await db.Changes.Where(c => c.UserId == id && c.Kind == ChangeKind.Deleted).MaxAsync(c => (long?)c.Version, cancellationToken);
        if (told is not { } version) return false;
        await changes.UserDeletedAsync(id, Math.Max(version, seen.Version), cancellationToken);
        return true;
    }

    private async Task<bool> TellUserAsync(User user, SeenUser seen, CancellationToken cancellationToken)
    {
        user.Version = Math.Max(user.Version, seen.Version) + 1;
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Version, user.Version), cancellationToken);
        changes.UserUpserted(user);
        await RevokeAsync(user.Id, seen.RevokedSessions ?? [], cancellationToken);
        var revoked = await db.Sessions.Where(s => s.UserId == user.Id && s.RevokedAt != null).Select(s => s.Id)
            .Union(db.ApiKeys.Where(k => k.UserId == user.Id && k.RevokedAt != null).Select(k => k.Id)).ToListAsync(cancellationToken);
        foreach (var session in revoked) changes.SessionRevoked(user.Id, user.Version, session);
        return true;
    }

    /// <summary>What was once revoked stays so: somebody was told that it is.</summary>
    private async Task RevokeAsync(Guid userId, IReadOnlyList<Guid> seen, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sessions = await db.Sessions.Where(s => s.UserId == userId && s.RevokedAt == null && seen.Contains(s.Id)).Select(s => s.Id).ToListAsync(cancellationToken);
        await db.Sessions.Where(s => sessions.Contains(s.Id)).ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), cancellationToken);
        await db.RefreshTokens.Where(t => sessions.Contains(t.SessionId)).ExecuteDeleteAsync(cancellationToken);
        var keys = await db.ApiKeys.Where(k => k.UserId == userId && k.RevokedAt == null && seen.Contains(k.Id)).Select(k => k.Id).ToListAsync(cancellationToken);
        await db.ApiKeys.Where(k => keys.Contains(k.Id)).ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, now), cancellationToken);
        foreach (var session in sessions.Concat(keys))
            await audit.AddAsync(
                new(AuditEvents.SessionRevoked, AuditOutcome.Success, userId, session, "It had been revoked before the database was restored."), cancellationToken);
    }
}
