using System.Data.Common;
using Throughline.Backend.Database;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Users;

/// <summary>Applies a page of auth's feed: replica, revocations and cursor in one transaction. Applying it twice changes nothing.</summary>
internal sealed class UserChangeWriter(BackendDatabase database, TimeProvider time)
{
    private const string Feed = "auth.users";

    /// <summary>Set, beside the feed's cursor, from a rewind until the replica was compared with auth.</summary>
    private const string Rewound = "auth.users.rewound";

    public async Task<FeedCursor> CursorAsync(CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.ListAsync(
            "SELECT position, mark FROM cursors WHERE name=@name", row => new FeedCursor(row.GetInt64(0), row.TimeOrNull(1)), cancellationToken, ("name", Feed)), cancellationToken))
        .FirstOrDefault() ?? FeedCursor.Beginning;

    public Task ApplyAsync(UserChanges page, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            foreach (var change in page.Items) await ApplyAsync(connection, change, cancellationToken);
            await connection.ExecuteAsync(
                "INSERT INTO cursors (name, position, mark) VALUES (@name, @next, @mark) ON CONFLICT (name) DO UPDATE SET position=@next, mark=@mark WHERE cursors.position < @next",
                cancellationToken, ("name", Feed), ("next", page.Next), ("mark", page.Mark));
        }, cancellationToken);

    /// <summary>Applies a change that the feed did not bring, and leaves the cursor alone.</summary>
    public Task ApplyAsync(UserChange change, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => ApplyAsync(connection, change, cancellationToken), cancellationToken);

    /// <summary>Back to the beginning of a feed that is not the one which was read, and keeps in mind that versions may have gone back with it.</summary>
    public Task RewindAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("UPDATE cursors SET position=0, mark=NULL WHERE name=@name", cancellationToken, ("name", Feed));
            await connection.ExecuteAsync("INSERT INTO cursors (name, position) VALUES (@name, 1) ON CONFLICT (name) DO NOTHING", cancellationToken, ("name", Rewound));
        }, cancellationToken);

    public async Task<bool> IsRewoundAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT position FROM cursors WHERE name=@name", cancellationToken, ("name", Rewound)), cancellationToken) == 1;

    public Task ForgetRewindAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM cursors WHERE name=@name", cancellationToken, ("name", Rewound)), cancellationToken);

    public Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.ExecuteAsync("DELETE FROM revocations WHERE revoked_at < @before", cancellationToken, ("before", before)), cancellationToken);

    private Task ApplyAsync(DbConnection connection, UserChange change, CancellationToken cancellationToken) => change.Kind switch
    {
        UserChangeKind.Upserted => UpsertAsync(connection, change, change.Disabled ? UserStatus.Disabled : UserStatus.Active, cancellationToken),
        UserChangeKind.Deleted => UpsertAsync(connection, change, UserStatus.Erasing, cancellationToken),
        UserChangeKind.SessionRevoked => connection.ExecuteAsync(
            "INSERT INTO revocations (user_id, session_id, revoked_at) VALUES (@u, @s, @at) ON CONFLICT (user_id, session_id) DO UPDATE SET revoked_at=@at WHERE revocations.revoked_at < @at",
            cancellationToken, ("u", change.UserId), ("s", change.SessionId?.ToString() ?? ""), ("at", change.At)),
        _ => Task.CompletedTask, // a kind newer than this program
    };

    private Task<int> UpsertAsync(DbConnection connection, UserChange change, string status, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "INSERT INTO users (user_id, email, name, tier, role, status, version, created_at, applied_at) VALUES (@u, @email, @name, @tier, @role, @status, @version, @at, @now) "
            + "ON CONFLICT (user_id) DO UPDATE SET email=@email, name=@name, tier=@tier, role=@role, status=@status, version=@version, applied_at=@now "
            + "WHERE (users.version < @version OR @status='erasing') AND users.status NOT IN ('erasing', 'erased')",
            cancellationToken, ("u", change.UserId), ("email", change.Email ?? ""), ("name", change.Name ?? ""), ("tier", change.Tier ?? "free"), ("role", change.Role ?? "user"),
            ("status", status), ("version", change.Version), ("at", change.At), ("now", time.GetUtcNow()));
}

/// <summary>How far auth's feed has been read.</summary>
/// <param name="Mark">When the entry there was made; null at the beginning.</param>
internal sealed record FeedCursor(long Position, DateTimeOffset? Mark)
{
    public static readonly FeedCursor Beginning = new(0, null);
}
