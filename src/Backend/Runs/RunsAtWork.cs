using System.Collections.Concurrent;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Runs;

/// <summary>The threads in which this node works on a run at this moment.</summary>
internal sealed class RunsAtWork
{
    private readonly ConcurrentDictionary<ThreadKey, byte> _threads = new();

    public bool IsEmpty => _threads.IsEmpty;

    public int Count => _threads.Count;

    public bool Contains(ThreadKey thread) => _threads.ContainsKey(thread);

    /// <summary>Counts the thread in until the answer is disposed. A thread has one run at work.</summary>
    public IDisposable Enter(ThreadKey thread)
    {
        _threads[thread] = 0;
        return new Stay(this, thread);
    }

    private sealed class Stay(RunsAtWork owner, ThreadKey thread) : IDisposable
    {
        public void Dispose() => owner._threads.TryRemove(thread, out _);
    }
}
