using Throughline.Client.Problems;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>Which threads are read, by whom and how far; turns that into <c>thread.subscribe</c> frames.</summary>
/// <remarks>A socket has one subscription per thread. Several readers of a thread share it: it starts after the one that is
/// least far, and the others drop what they have.</remarks>
internal sealed class ThreadFeeds
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Feed> _feeds = [];
    private long _subscriptions;

    public SubscribeThread Add(EventReader reader)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(reader.ThreadId, out var feed))
                _feeds[reader.ThreadId] = feed = new Feed(reader.ThreadId);
            feed.Readers.Add(reader);
            return Subscribe(feed);
        }
    }

    /// <returns>What to send when nobody reads the thread any more.</returns>
    public UnsubscribeThread? Remove(EventReader reader)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(reader.ThreadId, out var feed) || !feed.Readers.Remove(reader) || feed.Readers.Count > 0)
                return null;
            _feeds.Remove(reader.ThreadId);
            return new UnsubscribeThread(reader.ThreadId);
        }
    }

    /// <summary>Everything to subscribe to on a new socket.</summary>
    public IReadOnlyList<SubscribeThread> SubscribeAll()
    {
        lock (_gate)
            return [.. _feeds.Values.Select(Subscribe)];
    }

    /// <summary>Asks again for a thread after a refusal that passes; <c>null</c> if nobody reads it any more.</summary>
    public SubscribeThread? SubscribeAgain(string threadId)
    {
        lock (_gate)
            return _feeds.TryGetValue(threadId, out var feed) ? Subscribe(feed) : null;
    }

    /// <returns>What to send when events are missing.</returns>
    public SubscribeThread? Offer(ThreadEvent entry)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(entry.ThreadId, out var feed))
                return null; // a run started on this socket, and nobody reads its thread yet
            var isGap = false;
            foreach (var reader in feed.Readers)
                isGap |= reader.Offer(entry);
            // Until the service answers the last subscription, what arrives belongs to the one before.
            return isGap && feed.IsAnswered ? Subscribe(feed) : null;
        }
    }

    public void Confirm(Subscribed subscribed)
    {
        lock (_gate)
        {
            if (_feeds.TryGetValue(subscribed.ThreadId, out var feed) && (subscribed.Id is null || subscribed.Id == feed.Subscription))
                feed.IsAnswered = true;
        }
    }

    /// <summary>A reader that had fallen behind has emptied its queue.</summary>
    public SubscribeThread? CatchUp(EventReader reader)
    {
        lock (_gate)
            return reader.TryCatchUp() && _feeds.TryGetValue(reader.ThreadId, out var feed) ? Subscribe(feed) : null;
    }

    /// <returns>The thread whose subscription this error refuses, or ends.</returns>
    public string? Refused(ErrorFrame error)
    {
        lock (_gate)
            return error.Id is null ? null : _feeds.Values.FirstOrDefault(feed => feed.Subscription == error.Id)?.ThreadId;
    }

    public void Fail(string threadId, ProtocolException why)
    {
        lock (_gate)
        {
            if (_feeds.Remove(threadId, out var feed))
                feed.Readers.ForEach(reader => reader.Fail(why));
        }
    }

    public void FailAll(Exception why)
    {
        lock (_gate)
        {
            foreach (var feed in _feeds.Values)
                feed.Readers.ForEach(reader => reader.Fail(why));
            _feeds.Clear();
        }
    }

    private SubscribeThread Subscribe(Feed feed)
    {
        (feed.Subscription, feed.IsAnswered) = ($"s{++_subscriptions}", false);
        return new SubscribeThread(feed.ThreadId, feed.Readers.Min(reader => reader.Last)) { Id = feed.Subscription };
    }

    private sealed class Feed(string threadId)
    {
        public string ThreadId => threadId;

        public List<EventReader> Readers { get; } = [];

        /// <summary>Id of the last subscription.</summary>
        public string? Subscription { get; set; }

        public bool IsAnswered { get; set; }
    }
}
