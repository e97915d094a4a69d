using System.Data.Common;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Moves the heads of a transaction's threads, each once. It is the fence: only who knows the head may move it. The key (thread, seq) stands behind it.
/// SQLite takes one prepared statement again and again, PostgreSQL all of them in one round trip.</summary>
internal sealed class HeadMover(DbConnection connection, bool isPostgres) : IAsyncDisposable
{
    private const string Each = "UPDATE threads SET head=@last WHERE user_id=@u AND thread_id=@t AND head=@head RETURNING thread_no";

    private const string Touch = "UPDATE threads SET updated_at=@now WHERE thread_no=@no";

    private const string All =
        "UPDATE threads SET head=moved.last, updated_at=CASE WHEN moved.touched THEN @now ELSE updated_at END "
        + "FROM unnest(@users::text[], @threads::text[], @heads::bigint[], @lasts::bigint[], @touched::boolean[]) WITH ORDINALITY AS moved (user_id, thread_id, head, last, touched, place) "
        + "WHERE threads.user_id=moved.user_id AND threads.thread_id=moved.thread_id AND threads.head=moved.head RETURNING moved.place, threads.thread_no";

    private DbCommand? _command;

    /// <summary>Another writer moved the head, or the thread is gone.</summary>
    public static AppendFailedException Elsewhere() => new("The thread's head is not where its writer believes it.", null);

    /// <summary>Sets each thread's <see cref="ThreadAppends.ThreadNo"/>.</summary>
    /// <exception cref="AppendFailedException">A head is elsewhere.</exception>
    public Task MoveAsync(IReadOnlyList<ThreadAppends> threads, DateTimeOffset now) => isPostgres ? MoveAllAsync(threads, now) : MoveEachAsync(threads, now);

    public ValueTask DisposeAsync() => _command?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task MoveEachAsync(IReadOnlyList<ThreadAppends> threads, DateTimeOffset now)
    {
        _command = connection.Command(Each);
        var (user, id, head, last) = (_command.Add("u", ""), _command.Add("t", ""), _command.Add("head", 0L), _command.Add("last", 0L));
        foreach (var thread in threads)
        {
            (user.Value, id.Value, head.Value, last.Value) = (thread.Key.UserId.ToString(), Sql.Stored(thread.Key.ThreadId), thread.ExpectedHead, thread.LastSeq);
            thread.ThreadNo = await _command.ExecuteScalarAsync() is long number ? number : throw Elsewhere();
            // Apart, and seldom: the time is in an index, the head is not.
            if (thread.HasWrites) await connection.ExecuteAsync(Touch, CancellationToken.None, ("now", now), ("no", thread.ThreadNo));
        }
    }

    private async Task MoveAllAsync(IReadOnlyList<ThreadAppends> threads, DateTimeOffset now)
    {
        _command = connection.Command(
            All, ("users", threads.Select(t => t.Key.UserId.ToString()).ToArray()), ("threads", threads.Select(t => Sql.Stored(t.Key.ThreadId)).ToArray()),
            ("heads", threads.Select(t => t.ExpectedHead).ToArray()), ("lasts", threads.Select(t => t.LastSeq).ToArray()),
            ("touched", threads.Select(t => t.HasWrites).ToArray()), ("now", now));
        var moved = 0;
        await using var rows = await _command.ExecuteReaderAsync();
        for (; await rows.ReadAsync(); moved++) threads[(int)rows.GetInt64(0) - 1].ThreadNo = rows.GetInt64(1);
        if (moved < threads.Count) throw Elsewhere();
    }
}
