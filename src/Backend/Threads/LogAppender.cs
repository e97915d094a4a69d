using System.Data.Common;
using System.Threading.Channels;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>The node's one appender. It takes what all threads have waiting and commits it as one transaction, so that
/// a hundred streaming threads cost one disk flush, not a hundred; then it hands the entries to the subscribers.</summary>
internal sealed partial class LogAppender : IAsyncDisposable
{
    private const int MaxBatch = 2048;

    private readonly Channel<LogAppend> _waiting = Channel.CreateUnbounded<LogAppend>(new() { SingleReader = true });
    private readonly BackendDatabase _database;
    private readonly ThreadHub _hub;
    private readonly ThreadBell? _bell;
    private readonly ThreadMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<LogAppender> _logger;
    private readonly Task _loop;

    /// <param name="bell">Tells other nodes; null where there are none.</param>
    public LogAppender(BackendDatabase database, ThreadHub hub, ThreadMetrics metrics, TimeProvider time, ILogger<LogAppender> logger, ThreadBell? bell = null)
    {
        (_database, _hub, _bell, _metrics, _time, _logger) = (database, hub, bell, metrics, time, logger);
        _loop = Task.Run(AppendAllAsync);
    }

    /// <summary>Queues an append; the caller keeps the order of its thread.</summary>
    public void Post(LogAppend append)
    {
        if (!_waiting.Writer.TryWrite(append)) append.Fail(new AppendFailedException("The service is stopping.", null));
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async Task AppendAllAsync()
    {
        var batch = new List<LogAppend>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var next)) batch.Add(next);
            await CommitAsync(batch);
        }
    }

    private async Task CommitAsync(List<LogAppend> batch)
    {
        try
        {
            var began = _time.GetTimestamp();
            await CommitTogetherAsync(batch);
            _metrics.Committed(batch.Count, batch.Sum(append => append.Entries.Count), _time.GetElapsedTime(began));
            batch.ForEach(Publish);
        }
        catch (Exception e) when (batch.Count > 1)
        {
            // One part spoiled it for all. One transaction each finds the guilty part and spares the others.
            Log.BatchSplit(_logger, batch.Count, e.Message);
            foreach (var append in batch) await CommitAsync([append]);
        }
        catch (Exception e)
        {
            _metrics.Failed();
            batch[0].Fail(e is DbException or AppendFailedException ? new AppendFailedException($"The append failed: {e.Message}", e) : e);
        }
    }

    private Task CommitTogetherAsync(List<LogAppend> batch) =>
        _database.WriteAsync(async connection =>
        {
            await using var store = new LogInserter(connection, _database.IsPostgres);
            foreach (var append in batch) await WriteAsync(connection, append, store);
            await store.FlushAsync();
        }, CancellationToken.None);

    private async Task WriteAsync(DbConnection connection, LogAppend append, LogInserter store)
    {
        var now = _time.GetUtcNow();
        if (append.NewThread is { } title)
            await connection.ExecuteAsync(
                "INSERT INTO threads (user_id, thread_id, title, created_at, updated_at, head) SELECT @u, @t, @title, @now, @now, 0 "
                + "WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id=@u AND status IN ('erasing', 'erased')) ON CONFLICT DO NOTHING",
                CancellationToken.None, ("u", append.Key.UserId), ("t", append.Key.ThreadId), ("title", title), ("now", now));

        var threadNo = await MoveHeadAsync(connection, append, now);
        store.Add(threadNo, append.Entries);
        if (append.Writes.Count == 0) return;

        var transaction = new LogTransaction(connection, append.Key, threadNo, append.ExpectedHead + 1, append.LastSeq, now, CancellationToken.None);
        foreach (var write in append.Writes) await write.ExecuteAsync(transaction);
    }

    /// <summary>The fence: only who knows the head may move it. The key (thread, seq) stands behind it.</summary>
    private static async Task<long> MoveHeadAsync(DbConnection connection, LogAppend append, DateTimeOffset now) =>
        await connection.ScalarAsync<long?>(
            "UPDATE threads SET head=@last, updated_at=@now WHERE user_id=@u AND thread_id=@t AND head=@head RETURNING thread_no",
            CancellationToken.None, ("last", append.LastSeq), ("now", now), ("u", append.Key.UserId), ("t", append.Key.ThreadId), ("head", append.ExpectedHead))
        ?? throw new AppendFailedException("The thread's head is not where its writer believes it.", null);

    private void Publish(LogAppend append)
    {
        _hub.Publish(append.Key, append.Entries);
        if (append.Entries.Count > 0) _bell?.Ring(append.Key, append.ExpectedHead, append.LastSeq);
        append.Succeed();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A transaction of {Parts} appends failed and is repeated part by part: {Reason}")]
        public static partial void BatchSplit(ILogger logger, int parts, string reason);
    }
}
