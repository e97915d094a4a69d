using System.Data.Common;
using Throughline.Backend.Database;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Threads;

/// <summary>A user's list of threads.</summary>
internal sealed class ThreadStore(BackendDatabase database, TimeProvider time)
{
    private const string Select = "SELECT thread_id, title, created_at, updated_at, head, thread_no FROM threads ";

    private const string Found =
        "AND (lower(title) LIKE @like ESCAPE '\\' OR EXISTS (SELECT 1 FROM utterances u WHERE u.thread_no = threads.thread_no AND u.text LIKE @like ESCAPE '\\')) ";

    /// <summary>Latest first, after the place (updated at, number).</summary>
    public Task<List<(ThreadSummary Thread, long ThreadNo)>> PageAsync(
        Guid userId, long beforeMs, long beforeNo, string? query, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ListAsync(
            Select + "WHERE user_id=@u AND (updated_at < @ms OR (updated_at = @ms AND thread_no < @no)) "
            + (query is null ? "" : Found) + "ORDER BY updated_at DESC, thread_no DESC LIMIT @limit",
            row => (Read(row), row.GetInt64(5)), cancellationToken,
            [("u", userId), ("ms", beforeMs), ("no", beforeNo), ("limit", limit), .. query is null ? Array.Empty<(string, object?)>() : [("like", Like(query))]]), cancellationToken);

    public async Task<ThreadSummary?> FindAsync(ThreadKey key, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.ListAsync(
            Select + "WHERE user_id=@u AND thread_id=@t", Read, cancellationToken, ("u", key.UserId), ("t", key.ThreadId)), cancellationToken)).FirstOrDefault();

    /// <returns>Whether it is new. Nothing is made for an owner whose account was deleted meanwhile.</returns>
    public Task<bool> TryAddAsync(ThreadKey key, string title, CancellationToken cancellationToken) =>
        WriteTitleAsync(
            "INSERT INTO threads (user_id, thread_id, title, created_at, updated_at, head) SELECT @u, @t, @title, @now, @now, 0 "
            + "WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id=@u AND status IN ('erasing', 'erased')) ON CONFLICT DO NOTHING RETURNING thread_no",
            title, cancellationToken, ("u", key.UserId), ("t", key.ThreadId), ("title", title), ("now", time.GetUtcNow()));

    /// <returns>Whether there is such a thread.</returns>
    public Task<bool> TryRenameAsync(ThreadKey key, string title, CancellationToken cancellationToken) =>
        WriteTitleAsync(
            "UPDATE threads SET title=@title WHERE user_id=@u AND thread_id=@t RETURNING thread_no",
            title, cancellationToken, ("title", title), ("u", key.UserId), ("t", key.ThreadId));

    /// <summary>The title stands among what is searched, as seq 0: the databases' own lower() knows English letters only.</summary>
    private Task<bool> WriteTitleAsync(string write, string title, CancellationToken cancellationToken, params (string, object?)[] values) =>
        database.WriteAsync(async connection =>
        {
            if (await connection.ScalarAsync<long?>(write, cancellationToken, values) is not { } threadNo) return false;
            await connection.ExecuteAsync(
                "INSERT INTO utterances (thread_no, seq, text) VALUES (@no, 0, @text) ON CONFLICT (thread_no, seq) DO UPDATE SET text=@text", cancellationToken,
                ("no", threadNo), ("text", title.ToLowerInvariant()));
            return true;
        }, cancellationToken);

    private static string Like(string query) =>
        $"%{query.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    private static ThreadSummary Read(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.Time(2), row.Time(3), row.GetInt64(4));
}
