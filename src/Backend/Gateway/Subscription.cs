using Throughline.Backend.Threads;

namespace Throughline.Backend.Gateway;

/// <summary>One socket's place in one thread. It is live while every event after its place was queued as it came; else it is
/// behind, and the sender reads the log from its place. Both ways move the same cursor, so there is no gap and no double.</summary>
/// <param name="id">What the client called its wish, for what is to be said of it later.</param>
internal sealed class Subscription(ThreadKey key, string? id, long after, Outbox outbox, AsyncSignal wake) : IThreadSubscriber
{
    private readonly Lock _gate = new();
    private long _cursor = after;
    private long _known = after;
    private bool _isLive;

    public ThreadKey Key => key;

    public string? Id => id;

    /// <summary>The last seq that was queued or sent; only the log's reader asks, and only while it is behind.</summary>
    public long Cursor
    {
        get
        {
            lock (_gate) return _cursor;
        }
    }

    /// <summary>The highest seq heard of; never more than was durable by then.</summary>
    public long Heard
    {
        get
        {
            lock (_gate) return _known;
        }
    }

    /// <summary>Asked by the sender whenever it has nothing queued; whoever makes it true wakes the sender after.</summary>
    public bool IsBehind => !Volatile.Read(ref _isLive);

    public void OnAppended(IReadOnlyList<LogEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                if (entry.Seq > _known) _known = entry.Seq;
                if (!_isLive || entry.Seq <= _cursor) continue;
                if (entry.Seq == _cursor + 1 && outbox.TryAdd(entry)) _cursor = entry.Seq;
                else _isLive = false; // the queue is full, or something was missed: the log has it
            }
        }

        wake.Set();
    }

    public void OnHead(long head)
    {
        lock (_gate)
        {
            if (head <= _known) return;
            (_known, _isLive) = (head, false);
        }

        wake.Set();
    }

    public void OnErased() => OnHead(long.MaxValue); // whoever looks for what would come finds no thread

    /// <summary>The sender has sent everything up to here from the log.</summary>
    public void MovedTo(long seq)
    {
        lock (_gate) _cursor = Math.Max(_cursor, seq);
    }

    /// <summary>The log had nothing after the cursor: live from here on, unless something came in the meantime.</summary>
    public void TryGoLive()
    {
        lock (_gate) _isLive = _known <= _cursor;
    }
}
