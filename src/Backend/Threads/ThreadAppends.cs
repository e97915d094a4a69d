namespace Throughline.Backend.Threads;

/// <summary>What one transaction appends to one thread: its parts, each where the one before ends.</summary>
internal sealed class ThreadAppends
{
    private readonly List<LogAppend> _parts = [];
    private List<LogEntry>? _joined;

    private ThreadAppends(LogAppend first) => _parts.Add(first);

    public ThreadKey Key => _parts[0].Key;

    public IReadOnlyList<LogAppend> Parts => _parts;

    /// <summary>The thread's head before the first part.</summary>
    public long ExpectedHead => _parts[0].ExpectedHead;

    public long LastSeq => _parts[^1].LastSeq;

    public string? NewThread => _parts[0].NewThread;

    public IReadOnlyList<LogEntry> Entries => _joined ?? _parts[0].Entries;

    /// <summary>Whether something is written beside the log, as at a run's beginning, steps and end: only then does the thread move up among its owner's threads.</summary>
    public bool HasWrites => _parts.Exists(append => append.Writes.Count > 0);

    /// <summary>As the database numbers it; known once the head is moved.</summary>
    public long ThreadNo { get; set; }

    /// <summary>The threads in the order of their first parts.</summary>
    /// <exception cref="AppendFailedException">A part does not begin where the one before it ends.</exception>
    public static List<ThreadAppends> Of(IReadOnlyList<LogAppend> batch)
    {
        var (threads, byKey) = (new List<ThreadAppends>(), new Dictionary<ThreadKey, ThreadAppends>());
        foreach (var append in batch)
        {
            if (byKey.TryGetValue(append.Key, out var thread)) thread.Add(append);
            else threads.Add(byKey[append.Key] = new ThreadAppends(append));
        }

        return threads;
    }

    private void Add(LogAppend append)
    {
        if (append.ExpectedHead != LastSeq) throw HeadMover.Elsewhere();
        (_joined ??= [.. _parts[0].Entries]).AddRange(append.Entries);
        _parts.Add(append);
    }
}
