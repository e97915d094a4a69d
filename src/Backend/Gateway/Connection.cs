using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
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

    public IEnumerable<Subscription> Subscriptions => _subscriptions.Values;

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

    public bool IsSubscribed(string threadId) => _subscriptions.ContainsKey(threadId);

    /// <summary>Follows the thread from <paramref name="after"/> on; a subscription that was there before makes way.</summary>
    public void Subscribe(string threadId, long after)
    {
        Unsubscribe(threadId);
        var subscription = new Subscription(ThreadKey.Of(Token, threadId), after, Outbox, Wake);
        _subscriptions[threadId] = subscription;
        // First the hub, then the log: what is appended in between is found in one of them.
        _hub.Add(subscription.Key, subscription);
        Wake.Set();
    }

    public bool Unsubscribe(string threadId)
    {
        if (!_subscriptions.TryRemove(threadId, out var subscription)) return false;
        _hub.Remove(subscription.Key, subscription);
        return true;
    }

    public void Dispose()
    {
        foreach (var threadId in _subscriptions.Keys) Unsubscribe(threadId);
        Outbox.Clear();
    }
}
