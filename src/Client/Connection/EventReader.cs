using System.Threading.Channels;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>One caller reading one thread: lets through exactly the next event, each once, in order.</summary>
internal sealed class EventReader(string threadId, long after)
{
    // A caller that falls this far behind reads on from the service's log instead of filling memory.
    private const int LongestQueue = 4096;

    private readonly Channel<LoggedEvent> _queue = Channel.CreateBounded<LoggedEvent>(new BoundedChannelOptions(LongestQueue) { SingleReader = true });
    private long _last = after;
    private bool _isBehind;

    public string ThreadId => threadId;

    /// <summary><c>seq</c> of the last event that was let through.</summary>
    public long Last => Volatile.Read(ref _last);

    public ChannelReader<LoggedEvent> Queue => _queue.Reader;

    /// <returns>Whether events are missing before this one, so that the thread has to be asked for again.</returns>
    public bool Offer(ThreadEvent entry)
    {
        if (entry.Seq <= _last || _isBehind)
            return false; // a duplicate; or the caller is behind and takes up again with TryCatchUp
        if (entry.Seq > _last + 1)
            return true;
        if (_queue.Writer.TryWrite(new LoggedEvent(entry.Seq, entry.Event)))
            Volatile.Write(ref _last, entry.Seq);
        else
            _isBehind = true;
        return false;
    }

    /// <returns>Whether the caller had fallen behind and has now read what was queued.</returns>
    public bool TryCatchUp()
    {
        if (!_isBehind || _queue.Reader.Count > 0)
            return false;
        _isBehind = false;
        return true;
    }

    public void Fail(Exception why) => _queue.Writer.TryComplete(why);
}
