using System.Runtime.CompilerServices;
using Throughline.Backend.Gateway;
using Throughline.Backend.Threads;

namespace Throughline.Backend.AgUi;

/// <summary>A thread's log, and then what is appended to it: each entry once, in order.</summary>
internal sealed class ThreadTail(ThreadHub hub, ThreadLog log)
{
    private const int PageLength = 500;

    public async IAsyncEnumerable<LogEntry> ReadAsync(ThreadKey key, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bell = new Bell(after);
        hub.Add(key, bell);
        try
        {
            while (true)
            {
                var page = await log.FollowAsync(key, after, bell.Heard, PageLength, cancellationToken);
                foreach (var entry in page) yield return entry;
                if (page.Count > 0) after = page[^1].Seq;
                else await bell.Signal.WaitAsync().AsTask().WaitAsync(cancellationToken); // set by anything since before the read
            }
        }
        finally
        {
            hub.Remove(key, bell);
        }
    }

    private sealed class Bell(long known) : IThreadSubscriber
    {
        private long _known = known;

        public long Heard => Volatile.Read(ref _known);

        public AsyncSignal Signal { get; } = new();

        public void OnAppended(IReadOnlyList<LogEntry> entries) => OnHead(entries[^1].Seq);

        public void OnHead(long head)
        {
            if (head <= Volatile.Read(ref _known)) return;
            Volatile.Write(ref _known, head);
            Signal.Set();
        }

        public void OnErased() => OnHead(long.MaxValue); // whoever looks for what would come finds no thread
    }
}
