using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Erases a thread with all that came of it. Called by its grain, so nothing is appended meanwhile.</summary>
internal sealed class ThreadEraser(BackendDatabase database)
{
    public Task<bool> EraseAsync(ThreadKey key, CancellationToken cancellationToken) =>
        database.WriteAsync(async connection =>
        {
            var threadNo = await connection.ScalarAsync<long?>(
                "DELETE FROM threads WHERE user_id=@u AND thread_id=@t RETURNING thread_no", cancellationToken, ("u", key.UserId), ("t", key.ThreadId));
            if (threadNo is null) return false;
            await connection.ExecuteAsync("DELETE FROM run_steps WHERE run_no IN (SELECT run_no FROM runs WHERE thread_no=@no)", cancellationToken, ("no", threadNo));
            foreach (var statement in (string[])["DELETE FROM events WHERE thread_no=@no", "DELETE FROM utterances WHERE thread_no=@no", "DELETE FROM facts WHERE thread_no=@no", "DELETE FROM runs WHERE thread_no=@no"])
                await connection.ExecuteAsync(statement, cancellationToken, ("no", threadNo));
            await connection.ExecuteAsync("DELETE FROM run_requests WHERE user_id=@u AND thread_id=@t", cancellationToken, ("u", key.UserId), ("t", key.ThreadId));
            return true;
        }, cancellationToken);
}
