using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;
using Throughline.Backend.Users.Erasure;

namespace Throughline.Backend.Threads;

/// <summary>Erases a thread with all that came of it, and tells who follows it, on whatever node. Called by its grain, so nothing is appended meanwhile.</summary>
/// <param name="bell">Tells other nodes; null where there are none.</param>
internal sealed class ThreadEraser(BackendDatabase database, ThreadHub hub, ThreadBell? bell = null)
{
    public Task<bool> IsIdleAsync(ThreadKey key, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => await connection.ScalarAsync<long?>(
            "SELECT CAST(1 AS bigint) FROM threads WHERE user_id=@u AND thread_id=@t AND updated_at < @since", cancellationToken,
            ("u", key.UserId), ("t", key.ThreadId), ("since", since)) is not null, cancellationToken);

    /// <returns>Whether there was such a thread.</returns>
    public async Task<bool> EraseAsync(ThreadKey key, CancellationToken cancellationToken)
    {
        if (!await EraseRowsAsync(key, cancellationToken)) return false;
        hub.TellErased(key);
        bell?.RingErased(key);
        return true;
    }

    private Task<bool> EraseRowsAsync(ThreadKey key, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            var threadNo = await connection.ScalarAsync<long?>(
                "DELETE FROM threads WHERE user_id=@u AND thread_id=@t RETURNING thread_no", cancellationToken, ("u", key.UserId), ("t", key.ThreadId));
            if (threadNo is null) return false;
            await connection.ExecuteAsync("DELETE FROM run_steps WHERE run_no IN (SELECT run_no FROM runs WHERE thread_no=@no)", cancellationToken, ("no", threadNo));
            await connection.ExecuteAsync("DELETE FROM utterances WHERE thread_no=@no", cancellationToken, ("no", threadNo));
            if (connection is SqliteConnection sqlite) await RecentEvents.SettleAsync(sqlite, threadNo.Value, cancellationToken);
            await ErasureTally.AddAsync(connection, key.UserId, "threads", 1, cancellationToken);
            foreach (var table in (string[])["events", "facts", "runs", "interrupts"])
            {
                var count = await connection.ExecuteAsync($"DELETE FROM {table} WHERE thread_no=@no", cancellationToken, ("no", threadNo));
                await ErasureTally.AddAsync(connection, key.UserId, table, count, cancellationToken);
            }

            var requests = await connection.ExecuteAsync("DELETE FROM run_requests WHERE user_id=@u AND thread_id=@t", cancellationToken, ("u", key.UserId), ("t", key.ThreadId));
            await ErasureTally.AddAsync(connection, key.UserId, "run_requests", requests, cancellationToken);
            return true;
        }, cancellationToken);
}
