using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>One authenticated WebSocket: who it is, what it follows, what waits to be sent.</summary>
internal sealed class Connection : IDisposable
{
    private readonly ThreadHub _hub;
    private readonly Lock _gate = new();
    private Subscription[] _subscriptions = []; // few, asked at every event and changed seldom: a change makes another array
    private CloseReason? _close;

    public Connection(WebSocket socket, AccessToken token, GatewayOptions options, ThreadHub hub)
    {
        (Socket, Token, Options, _hub) = (socket, token, options, hub);
        Outbox = new Outbox(options.QueueBytes);
    }

    public WebSocket Socket { get; }

    /// <summary>Renewed by <c>auth.refresh</c>; always the same user's and session's.</summary>
    public AccessToken Token { get; set; }

    /// <summary>Whether <c>auth.expiring</c> was said of the present token.</summary>
    public bool IsExpiryAnnounced { get; set; }

    public GatewayOptions Options { get; }

    public Outbox Outbox { get; }

    public AsyncSignal Wake { get; } = new();

    /// <summary>Why it is to be closed; the first reason stands.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _close);

    public ReadOnlySpan<Subscription> Subscriptions => Volatile.Read(ref _subscriptions);

    public void Send(ServerFrame frame)
    {
        Outbox.Add(JsonSerializer.SerializeToUtf8Bytes(frame, WireJson.Default.ServerFrame));
        Wake.Set();
    }

    public void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _close, reason, null) is not null) return;
        if (!reason.FlushesFirst) Outbox.Clear();
        Wake.Set();
    }

    public bool IsSubscribed(string threadId) => Find(threadId) is not null;

    /// <summary>A thread in which the log has to be read; null where all is live.</summary>
    public Subscription? FindBehind()
    {
        foreach (var subscription in Subscriptions)
            if (subscription.IsBehind) return subscription;
        return null;
    }

    /// <summary>Follows the thread from <paramref name="after"/> on; a subscription that was there before makes way.</summary>
    public void Subscribe(string threadId, string? id, long after)
    {
        Unsubscribe(threadId);
        var subscription = new Subscription(ThreadKey.Of(Token, threadId), id, after, Outbox, Wake);
        lock (_gate) _subscriptions = [.. _subscriptions, subscription];
        // First the hub, then the log: what is appended in between is found in one of them.
        _hub.Add(subscription.Key, subscription);
        Wake.Set();
    }

    public bool Unsubscribe(string threadId)
    {
        if (Find(threadId) is not { } subscription) return false;
        Remove(subscription);
        return true;
    }

    /// <summary>Ends a subscription that cannot go on, and says why.</summary>
    public void End(Subscription subscription, ErrorFrame why)
    {
        Remove(subscription);
        Send(why);
    }

    public void Dispose()
    {
        foreach (var subscription in Subscriptions) Remove(subscription);
        Outbox.Clear();
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate) _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
        _hub.Remove(subscription.Key, subscription);
    }

    private Subscription? Find(string threadId)
    {
        foreach (var subscription in Subscriptions)
            if (subscription.Key.ThreadId == threadId) return subscription;
        return null;
    }
}
