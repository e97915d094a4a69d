using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Throughline.Backend.Threads;

/// <summary>Who on this node follows which thread. Nothing is kept here: whoever misses something reads the log.</summary>
internal sealed class ThreadHub
{
    private readonly ConcurrentDictionary<ThreadKey, ImmutableArray<IThreadSubscriber>> _subscribers = new();

    /// <summary>Hands on what has just become durable.</summary>
    public void Publish(ThreadKey key, IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0 || !_subscribers.TryGetValue(key, out var subscribers)) return;
        foreach (var subscriber in subscribers) subscriber.OnAppended(entries);
    }

    /// <summary>Says where a log stands, to subscribers that may have missed something.</summary>
    public void Tell(ThreadKey key, long head)
    {
        if (!_subscribers.TryGetValue(key, out var subscribers)) return;
        foreach (var subscriber in subscribers) subscriber.OnHead(head);
    }

    /// <summary>Says that a thread is gone, to those who follow it on this node.</summary>
    public void TellErased(ThreadKey key)
    {
        if (!_subscribers.TryGetValue(key, out var subscribers)) return;
        foreach (var subscriber in subscribers) subscriber.OnErased();
    }

    public bool HasSubscribers(ThreadKey key) => _subscribers.ContainsKey(key);

    public void Add(ThreadKey key, IThreadSubscriber subscriber) =>
        _subscribers.AddOrUpdate(key, [subscriber], (_, others) => others.Add(subscriber));

    public void Remove(ThreadKey key, IThreadSubscriber subscriber)
    {
        while (_subscribers.TryGetValue(key, out var before))
        {
            var after = before.Remove(subscriber);
            var removed = after.IsEmpty
                ? _subscribers.TryRemove(KeyValuePair.Create(key, before))
                : _subscribers.TryUpdate(key, after, before);
            if (removed) return;
        }
    }
}

internal interface IThreadSubscriber
{
    /// <summary>Called in order, by the appender: it must be quick and must not throw.</summary>
    void OnAppended(IReadOnlyList<LogEntry> entries);

    /// <summary>The log is that long; what is missing has to be read from it. As quick, and as often as somebody looks.</summary>
    void OnHead(long head);

    /// <summary>The thread is gone with its log.</summary>
    void OnErased();
}
