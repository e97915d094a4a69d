namespace Throughline.Backend.Threads;

/// <summary>Numbers a thread's events. There is one for each activation of <see cref="ThreadGrain"/>, and so one for each thread.</summary>
internal sealed class ThreadWriter(ThreadKey key, LogAppender appender, ThreadLog log, long head)
{
    private readonly Lock _gate = new();
    private readonly FrameHead _frames = new(key.ThreadId);
    private long _head = head;

    public ThreadKey Key => key;

    /// <summary>The last number given out; durable or about to be.</summary>
    public long Head
    {
        get
        {
            lock (_gate) return _head;
        }
    }

    /// <summary>Numbers the events and queues them behind what was queued before.</summary>
    /// <returns>Done once they are durable. Nobody sees them earlier.</returns>
    public Task AppendAsync(IReadOnlyList<byte[]> events, IReadOnlyList<ILogWrite> writes, string? newThread = null)
    {
        lock (_gate)
        {
            var entries = new LogEntry[events.Count];
            for (var i = 0; i < entries.Length; i++) entries[i] = LogEntry.Create(_frames, _head + i + 1, events[i]);
            var append = new LogAppend(key, _head, entries, writes, newThread);
            _head += entries.Length;
            appender.Post(append); // inside the lock: the queue's order is the numbers' order
            return append.Completion;
        }
    }

    /// <summary>After a failed append: takes the head from the log again, so that no number is lost. What was queued behind
    /// the failed append has failed too, because it expected another head and was queued before anything that follows.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var durable = await log.HeadAsync(key, cancellationToken) ?? 0;
        lock (_gate) _head = durable;
    }
}
