using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Accounts;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Sessions;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.ApiKeys;

/// <summary>API keys: made, found, listed and revoked. A key's end travels to other services as its session's would.</summary>
internal sealed class ApiKeyStore(AuthDb db, DatabaseWriter writer, ChangeLog changes, AuditLog audit, TimeProvider time)
{
    /// <summary>Keys of one user; an expired one counts until it is removed.</summary>
    public const int MaxPerUser = 50;

    private const int StartLength = 11;
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    /// <summary>Makes a key.</summary>
    /// <returns>Its row and the key itself, which nobody can read again; null where the user has too many.</returns>
    public async Task<(ApiKey Row, string Key)?> TryAddAsync(
        Guid userId, string name, IEnumerable<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var (key, now) = (ApiKeyText.New(), time.GetUtcNow());
        var row = new ApiKey
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            Hash = ApiKeyText.HashOf(key),
            Name = name,
            Start = key[..StartLength],
            Scope = string.Join(' ', scopes),
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        await using var write = await writer.BeginAsync(cancellationToken);
        if (await db.ApiKeys.CountAsync(k => k.UserId == userId && k.RevokedAt == null, cancellationToken) >= MaxPerUser) return null;
        db.ApiKeys.Add(row);
        await audit.AddAsync(new(AuditEvents.ApiKeyCreated, AuditOutcome.Success, userId, Detail: $"{row.Start}… with {row.Scope}"), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return (row, key);
    }

    public Task<List<ApiKey>> ListAsync(Guid userId, CancellationToken cancellationToken) => db.ApiKeys.AsNoTracking()
        .Where(k => k.UserId == userId && k.RevokedAt == null).OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancellationToken);

    /// <returns>False where the user has no such key.</returns>
    public async Task<bool> RevokeAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        await using var write = await writer.BeginAsync(cancellationToken);
        var now = time.GetUtcNow();
        var live = db.ApiKeys.Where(k => k.Id == id && k.UserId == userId && k.RevokedAt == null);
        if (await live.Select(k => k.Start).SingleOrDefaultAsync(cancellationToken) is not { } start) return false;

        await live.ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, now), cancellationToken);
        var version = await db.Users.Where(u => u.Id == userId).Select(u => u.Version).SingleAsync(cancellationToken);
        changes.SessionRevoked(userId, version, id);
        await audit.AddAsync(new(AuditEvents.ApiKeyRevoked, AuditOutcome.Success, userId, Detail: $"{start}…"), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The key of that hash with its user, whatever has become of either.</summary>
    public async Task<(ApiKey Key, User User)?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        await WithUsers(db.ApiKeys.Where(k => k.Hash == hash)).SingleOrDefaultAsync(cancellationToken) is { } found ? (found.Key, found.User) : null;

    /// <summary>The key as its token's session, if both it and its user are good at this moment.</summary>
    public async Task<LiveSession?> FindLiveAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var live = db.ApiKeys.Where(k => k.Id == id && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now));
        return await WithUsers(live).SingleOrDefaultAsync(found => !found.User.IsDisabled, cancellationToken) is { } found
            ? LiveSessionOf(found.Key, found.User)
            : null;
    }

    /// <summary>Notes the use, at most once a minute.</summary>
    public async Task TouchAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (key.LastUsedAt > now - UseInterval) return;
        await using var write = await writer.BeginWithoutChangesAsync(cancellationToken);
        await db.ApiKeys.Where(k => k.Id == key.Id).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>A session that is nowhere stored: it begins and ends with its key.</summary>
    public static LiveSession LiveSessionOf(ApiKey key, User user) => new(
        new()
        {
            Id = key.Id,
            UserId = user.Id,
            CreatedAt = key.CreatedAt,
            ExpiresAt = key.ExpiresAt ?? DateTimeOffset.MaxValue,
            LastSeenAt = key.LastUsedAt ?? key.CreatedAt,
            Method = "api_key",
        },
        user);

    private IQueryable<KeyWithUser> WithUsers(IQueryable<ApiKey> keys) =>
        keys.AsNoTracking().Join(db.Users.AsNoTracking(), k => k.UserId, u => u.Id, (k, u) => new KeyWithUser { Key = k, User = u });

    private sealed class KeyWithUser
    {
        public required ApiKey Key { get; init; }

        public required User User { get; init; }
    }
}
