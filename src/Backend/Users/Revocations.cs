using System.Buffers.Binary;
using System.Collections.Concurrent;
using Throughline.Backend.Database;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Sessions and users that are shut out: in memory, because each use of a token asks; in the database, because a
/// restart must not let anyone back in while auth is away.</summary>
internal sealed class Revocations(BackendDatabase database) : IRevocations
{
    private readonly ConcurrentDictionary<Guid, byte> _sessions = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _allUntil = new();
    private readonly ConcurrentDictionary<Guid, byte> _disabled = new();

    /// <summary>Something was revoked for this user.</summary>
    public event Action<Guid>? Changed;

    public bool IsRevoked(AccessToken token) =>
        _sessions.ContainsKey(token.SessionId) || _disabled.ContainsKey(token.UserId)
        || (_allUntil.TryGetValue(token.UserId, out var until) && BeganAt(token) <= until);

    /// <summary>Reads what an earlier process was told.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.ListAsync(
            "SELECT user_id, session_id, revoked_at FROM revocations", row => (Guid.Parse(row.GetString(0)), row.GetString(1), row.Time(2)), cancellationToken);
        foreach (var (user, session, at) in rows) Remember(user, session.Length == 0 ? null : Guid.Parse(session), at);
        var disabled = await connection.ListAsync("SELECT user_id FROM users WHERE status <> 'active'", row => Guid.Parse(row.GetString(0)), cancellationToken);
        foreach (var user in disabled) _disabled[user] = 0;
    }

    public void Revoke(Guid userId, Guid? sessionId, DateTimeOffset at)
    {
        Remember(userId, sessionId, at);
        Changed?.Invoke(userId);
    }

    public void SetDisabled(Guid userId, bool isDisabled)
    {
        if (!isDisabled)
        {
            _disabled.TryRemove(userId, out _);
        }
        else if (_disabled.TryAdd(userId, 0))
        {
            Changed?.Invoke(userId);
        }
    }

    private void Remember(Guid userId, Guid? sessionId, DateTimeOffset at)
    {
        if (sessionId is { } session) _sessions[session] = 0;
        else _allUntil.AddOrUpdate(userId, at, (_, before) => before > at ? before : at);
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
}
