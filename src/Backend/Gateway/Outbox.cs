using Throughline.Backend.Threads;

namespace Throughline.Backend.Gateway;

/// <summary>What waits to be sent to one socket: the frames' shared bytes, counted.</summary>
internal sealed class Outbox(int maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<QueuedFrame> _frames = new();
    private long _bytes;

    /// <summary>Queues an answer. Always taken: the reader stops reading while too many wait.</summary>
    public void Add(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            _frames.Enqueue(new(frame, null));
            _bytes += frame.Length;
        }
    }

    /// <summary>Queues a live event, unless too much waits already; then it has to be read from the log.</summary>
    public bool TryAdd(LogEntry entry)
    {
        lock (_gate)
        {
            if (_bytes + entry.Frame.Length > maxBytes) return false;
            _frames.Enqueue(new(entry.Frame, entry.NumberedAt));
            _bytes += entry.Frame.Length;
            return true;
        }
    }

    public bool TryTake(out QueuedFrame frame)
    {
        lock (_gate)
        {
            if (!_frames.TryDequeue(out frame)) return false;
            _bytes -= frame.Bytes.Length;
            return true;
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_gate) return _bytes >= maxBytes;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _frames.Clear();
            _bytes = 0;
        }
    }
}

/// <param name="NumberedAt">Of a live event, <see cref="LogEntry.NumberedAt"/>; null of an answer.</param>
internal readonly record struct QueuedFrame(ReadOnlyMemory<byte> Bytes, long? NumberedAt);
