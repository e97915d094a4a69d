using System.Data.Common;
using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Moves the heads of a transaction's threads, each once. It is the fence: only who knows the head may move it. The key (thread, seq) stands behind it.
/// SQLite takes one prepared statement again and again, PostgreSQL all of them in one round trip.</summary>
internal static class HeadMover
{
    private const string Each = "UPDATE threads SET head=?1 WHERE user_id=?2 AND thread_id=?3 AND head=?4 RETURNING thread_no";

    private const string Touch = "UPDATE threads SET updated_at=@now WHERE thread_no=@no";

    private const string All =
        "UPDATE threads SET head=moved.last, updated_at=CASE WHEN moved.touched THEN @now ELSE updated_at END "
        + "FROM unnest(@users::text[], @threads::text[], @heads::bigint[], @lasts::bigint[], @touched::boolean[]) WITH ORDINALITY AS moved (user_id, thread_id, head, last, touched, place) "
        + "WHERE threads.user_id=moved.user_id AND threads.thread_id=moved.thread_id AND threads.head=moved.head RETURNING moved.place, threads.thread_no";

    /// <summary>Another writer moved the head, or the thread is gone.</summary>
    public static AppendFailedException Elsewhere() => new("The thread's head is not where its writer believes it.", null);

    /// <summary>Sets each thread's <see cref="ThreadAppends.ThreadNo"/>.</summary>
    /// <exception cref="AppendFailedException">A head is elsewhere.</exception>
    public static Task MoveAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads, DateTimeOffset now) =>
        connection is SqliteConnection sqlite ? MoveEachAsync(sqlite, threads, now) : MoveAllAsync(connection, threads, now);

    private static async Task MoveEachAsync(SqliteConnection connection, IReadOnlyList<ThreadAppends> threads, DateTimeOffset now)
    {
        using var move = new SqliteStatement(connection, Each);
        foreach (var thread in threads)
        {
            move.Bind(1, thread.LastSeq);
            move.Bind(2, thread.Key.UserId.ToString());
            move.Bind(3, Sql.Stored(thread.Key.ThreadId));
            move.Bind(4, thread.ExpectedHead);
            thread.ThreadNo = move.Run() ?? throw Elsewhere();
            // Apart, and seldom: the time is in an index, the head is not.
            if (thread.HasWrites) await connection.ExecuteAsync(Touch, CancellationToken.None, ("now", now), ("no", thread.ThreadNo));
        }
    }

    private static async Task MoveAllAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads, DateTimeOffset now)
    {
        await using var command = connection.Command(
            All, ("users", threads.Select(t => t.Key.UserId.ToString()).ToArray()), ("threads", threads.Select(t => Sql.Stored(t.Key.ThreadId)).ToArray()),
            ("heads", threads.Select(t => t.ExpectedHead).ToArray()), ("lasts", threads.Select(t => t.LastSeq).ToArray()),
            ("touched", threads.Select(t => t.HasWrites).ToArray()), ("now", now));
        var moved = 0;
        await using var rows = await command.ExecuteReaderAsync();
        for (; await rows.ReadAsync(); moved++) threads[(int)rows.GetInt64(0) - 1].ThreadNo = rows.GetInt64(1);
        if (moved < threads.Count) throw Elsewhere();
    }
}
