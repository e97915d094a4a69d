using System.Data.Common;
using System.Threading.Channels;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>The node's one appender. It takes what all threads have waiting and commits it as one transaction, so that
/// a hundred streaming threads cost one disk flush, not a hundred; then it hands the entries to the subscribers.</summary>
internal sealed partial class LogAppender : IAsyncDisposable
{
    private const int MaxBatch = 4096;

    private readonly Channel<LogAppend> _waiting = Channel.CreateUnbounded<LogAppend>(new() { SingleReader = true });
    private readonly LogInserter _inserter = new();
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

    private async Task CommitAsync(List<LogAppend> batch, bool isHalf = false)
    {
        try
        {
            var began = _time.GetTimestamp();
            var threads = ThreadAppends.Of(batch);
            await CommitTogetherAsync(threads);
            _metrics.Committed(batch.Count, batch.Sum(append => append.Entries.Count), _time.GetElapsedTime(began));
            threads.ForEach(Publish);
        }
        catch (Exception e) when (batch.Count > 1)
        {
            // One part spoiled it for all. Halving finds the guilty one in a few transactions, and spares the others.
            if (!isHalf) Log.BatchSplit(_logger, batch.Count, e.Message);
            await CommitAsync(batch[..(batch.Count / 2)], isHalf: true);
            await CommitAsync(batch[(batch.Count / 2)..], isHalf: true);
        }
        catch (Exception e)
        {
            _metrics.Failed();
            batch[0].Fail(e is DbException or AppendFailedException ? new AppendFailedException($"The append failed: {e.Message}", e) : e);
        }
    }

    private async Task CommitTogetherAsync(List<ThreadAppends> threads)
    {
        try
        {
            await _database.WriteAsync(connection => WriteAsync(connection, threads), CancellationToken.None);
        }
        catch
        {
            _inserter.RolledBack();
            throw;
        }
    }

    private async Task WriteAsync(DbConnection connection, List<ThreadAppends> threads)
    {
        var now = _time.GetUtcNow();
        foreach (var thread in threads)
            if (thread.NewThread is { } title) await CreateThreadAsync(connection, thread.Key, title, now);

        await HeadMover.MoveAsync(connection, threads, now);
        await _inserter.InsertAsync(connection, threads);
        foreach (var thread in threads) await WriteAsync(connection, thread, now);
    }

    private static Task<int> CreateThreadAsync(DbConnection connection, ThreadKey key, string title, DateTimeOffset now) =>
        connection.ExecuteAsync(
            "INSERT INTO threads (user_id, thread_id, title, created_at, updated_at, head) SELECT @u, @t, @title, @now, @now, 0 "
            + "WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id=@u AND status IN ('erasing', 'erased')) ON CONFLICT DO NOTHING",
            CancellationToken.None, ("u", key.UserId), ("t", key.ThreadId), ("title", title), ("now", now));

    private static async Task WriteAsync(DbConnection connection, ThreadAppends thread, DateTimeOffset now)
    {
        foreach (var append in thread.Parts)
        {
            var transaction = new LogTransaction(connection, append.Key, thread.ThreadNo, append.ExpectedHead + 1, append.LastSeq, now, CancellationToken.None);
            foreach (var write in append.Writes) await write.ExecuteAsync(transaction);
        }
    }

    private void Publish(ThreadAppends thread)
    {
        _hub.Publish(thread.Key, thread.Entries);
        if (thread.Entries.Count > 0) _bell?.Ring(thread.Key, thread.ExpectedHead, thread.LastSeq);
        foreach (var append in thread.Parts) append.Succeed();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A transaction of {Parts} appends failed and is repeated by halves: {Reason}")]
        public static partial void BatchSplit(ILogger logger, int parts, string reason);
    }
}
