using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;

namespace Throughline.Auth.Sessions;

/// <summary>A session that is neither revoked nor over, with its user, who is not disabled.</summary>
internal sealed record LiveSession(Session Session, User User);

/// <summary>Sign-ins: begun, found, listed and revoked. A revocation and its entry in the outbox are one transaction.</summary>
internal sealed class SessionStore(AuthDb db, DatabaseWriter writer, ChangeLog changes, AuditLog audit, TimeProvider time)
{
    /// <summary>The longest a sign-in lasts, however often its tokens are renewed (protocol §2).</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    /// <summary>Begins a session for a user whose password was right a moment ago.</summary>
    /// <param name="method">How it is begun; see <see cref="Session.Method"/>.</param>
    /// <returns>Null where the password was changed meanwhile, or the account disabled: that change has ended all sessions but this one.</returns>
    public async Task<Session?> BeginAsync(User user, Device device, string method, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        if (!await db.Users.AnyAsync(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash && !u.IsDisabled, cancellationToken)) return null;
        var session = Add(user.Id, device, method);
        await audit.AddAsync(new(AuditEvents.Login, AuditOutcome.Success, user.Id, session.Id, method), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return session;
    }

    /// <summary>The same as a part of something larger, inside the caller's transaction. The caller saves, and audits what it was.</summary>
    public Session Add(Guid userId, Device device, string method)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            CreatedAt = now,
            ExpiresAt = now + MaxLifetime,
            LastSeenAt = now,
            Method = method,
            Address = device.Address,
            UserAgent = device.UserAgent,
        };
        db.Sessions.Add(session);
        return session;
    }

    public async Task<LiveSession?> FindLiveAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await db.Sessions.AsNoTracking()
            .Where(s => s.Id == sessionId && s.RevokedAt == null && s.ExpiresAt > now)
            .Join(db.Users.AsNoTracking().Where(u => !u.IsDisabled), s => s.UserId, u => u.Id, (s, u) => new { Session = s, User = u })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : new(found.Session, found.User);
    }

    public async Task<List<Session>> ListLiveAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await db.Sessions.AsNoTracking()
            .Where(s => s.UserId == userId && s.RevokedAt == null && s.ExpiresAt > now)
            .OrderByDescending(s => s.LastSeenAt).ThenBy(s => s.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends a session at its own wish.</summary>
    public Task LogOutAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        RevokeAsync(userId, s => s.Id == sessionId, new(AuditEvents.Logout), cancellationToken);

    /// <summary>Revokes one session.</summary>
    /// <returns>False where the user has no such live session.</returns>
    public async Task<bool> RevokeAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        await RevokeAsync(userId, s => s.Id == sessionId, new(AuditEvents.SessionRevoked), cancellationToken) > 0;

    /// <summary>Ends a session of which a spent refresh token was used again: somebody else has it, or had it.</summary>
    public Task RevokeReusedAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => RevokeAsync(
        userId, s => s.Id == sessionId, new(AuditEvents.RefreshReused, "A spent refresh token was used again: its session is revoked.", AuditOutcome.Denied), cancellationToken);

    /// <summary>Revokes every session of the user but <paramref name="keep"/>.</summary>
    /// <returns>How many.</returns>
    public Task<int> RevokeOthersAsync(Guid userId, Guid? keep, CancellationToken cancellationToken) =>
        RevokeAsync(userId, s => s.Id != keep, new(AuditEvents.SessionRevoked), cancellationToken);

    /// <summary>The same as a part of something larger, inside the caller's transaction (<see cref="DatabaseWriter.BeginAsync"/>).</summary>
    /// <param name="why">For the audit log, in words.</param>
    public Task<int> AddRevocationsAsync(Guid userId, Guid? keep, string why, CancellationToken cancellationToken) =>
        AddRevocationsAsync(userId, s => s.Id != keep, new(AuditEvents.SessionRevoked, why), cancellationToken);

    private async Task<int> RevokeAsync(
        Guid userId, Expression<Func<Session, bool>> which, Reason reason, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var revoked = await AddRevocationsAsync(userId, which, reason, cancellationToken);
        if (revoked > 0) await write.CommitAsync(cancellationToken);
        return revoked;
    }

    private async Task<int> AddRevocationsAsync(
        Guid userId, Expression<Func<Session, bool>> which, Reason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var live = db.Sessions.Where(s => s.UserId == userId && s.RevokedAt == null).Where(which);
        var ids = await live.Select(s => s.Id).ToListAsync(cancellationToken);
        if (ids.Count == 0) return 0;

        await live.ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), cancellationToken);
        await db.RefreshTokens.Where(t => ids.Contains(t.SessionId)).ExecuteDeleteAsync(cancellationToken);
        var version = await db.Users.Where(u => u.Id == userId).Select(u => u.Version).SingleAsync(cancellationToken);
        foreach (var id in ids)
        {
            changes.SessionRevoked(userId, version, id);
            await audit.AddAsync(new(reason.Event, reason.Outcome, userId, id, reason.Detail), cancellationToken);
        }
        return ids.Count;
    }

    /// <summary>What the audit log says of a revocation.</summary>
    private readonly record struct Reason(string Event, string? Detail = null, AuditOutcome Outcome = AuditOutcome.Success);
}
