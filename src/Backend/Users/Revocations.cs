using System.Buffers.Binary;
using System.Collections.Concurrent;
using Throughline.Backend.Database;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Sessions and users that are shut out: in memory, because each use of a token asks; in the database, because a
/// restart must not let anyone back in while auth is away.</summary>
internal sealed partial class Revocations(BackendDatabase database, ILogger<Revocations> logger) : IRevocations
{
    /// <summary>The version of a tombstone: none comes after it.</summary>
    private const long Gone = long.MaxValue;

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _sessions = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _allUntil = new();
    private readonly ConcurrentDictionary<Guid, Standing> _users = new();

    /// <summary>Something was revoked for this user, and <see cref="IsRevoked"/> knows it.</summary>
    public event Action<Guid>? Changed;

    public bool IsRevoked(AccessToken token) =>
        _sessions.ContainsKey(token.SessionId)
        || (_users.TryGetValue(token.UserId, out var standing) && standing.IsShutOut)
        || (_allUntil.TryGetValue(token.UserId, out var until) && BeganAt(token) <= until);

    /// <summary>Whether the user's account was deleted.</summary>
    public bool IsDeleted(Guid userId) => _users.TryGetValue(userId, out var standing) && standing.Version == Gone;

    /// <summary>Reads what an earlier process was told.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.ListAsync(
            "SELECT user_id, session_id, revoked_at FROM revocations", row => (Guid.Parse(row.GetString(0)), row.GetString(1), row.Time(2)), cancellationToken);
        foreach (var (user, session, at) in rows) Revoke(user, session.Length == 0 ? null : Guid.Parse(session), at);
        var shutOut = await connection.ListAsync(
            "SELECT user_id, version, status FROM users WHERE status <> 'active'", row => (Guid.Parse(row.GetString(0)), row.GetInt64(1), row.GetString(2)), cancellationToken);
        foreach (var (user, version, status) in shutOut) SetStanding(user, status == UserStatus.Disabled ? version : Gone, true);
    }

    /// <summary>Takes a change from the feed. Repeating it, or one that is older than what is known, changes nothing.</summary>
    public void Apply(UserChange change)
    {
        switch (change.Kind)
        {
            case UserChangeKind.Upserted:
                SetStanding(change.UserId, change.Version, change.Disabled);
                break;
            case UserChangeKind.Deleted:
                SetStanding(change.UserId, Gone, true);
                break;
            case UserChangeKind.SessionRevoked:
                Revoke(change.UserId, change.SessionId, change.At);
                break;
        }
    }

    /// <summary>Forgets revocations that no living token can be of.</summary>
    public void Forget(DateTimeOffset before)
    {
        foreach (var entry in _sessions)
            if (entry.Value < before) _sessions.TryRemove(entry);
        foreach (var entry in _allUntil)
            if (entry.Value < before) _allUntil.TryRemove(entry);
    }

    private void Revoke(Guid userId, Guid? sessionId, DateTimeOffset at)
    {
        if (sessionId is { } session) _sessions[session] = at;
        else _allUntil.AddOrUpdate(userId, at, (_, before) => before > at ? before : at);
        Tell(userId);
    }

    private void SetStanding(Guid userId, long version, bool isShutOut)
    {
        // Only those who were ever shut out are kept.
        if (!isShutOut && !_users.ContainsKey(userId)) return;
        var now = new Standing(version, isShutOut);
        _users.AddOrUpdate(userId, now, (_, before) => version > before.Version ? now : before);
        if (isShutOut) Tell(userId);
    }

    private void Tell(Guid userId)
    {
        foreach (var listener in Changed?.GetInvocationList().Cast<Action<Guid>>() ?? [])
        {
            try
            {
                listener(userId);
            }
            catch (Exception e)
            {
                // One listener's bug must neither keep another's sockets open nor end the feed.
                Log.ListenerFailed(logger, e);
            }
        }
    }

    /// <summary>When the session began: a UUIDv7 says it to the millisecond. A refreshed token is younger than its session,
    /// and a session that began right after the revocation must pass, so the token's own time would do for neither.</summary>
    private static DateTimeOffset BeganAt(AccessToken token)
    {
        if (token.SessionId.Version != 7) return token.IssuedAt;
        Span<byte> bytes = stackalloc byte[16];
        token.SessionId.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
    }

    private readonly record struct Standing(long Version, bool IsShutOut);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A listener for revocations failed")]
        public static partial void ListenerFailed(ILogger logger, Exception exception);
    }
}
