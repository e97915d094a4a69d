using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>The key-value store is away; the caller says what it does without.</summary>
public sealed class StoreUnavailableException(string message) : Exception(message), IUnavailable;

/// <summary>
/// The connection to the key-value store: made at first use, kept up through restarts of the store, and made anew when discovery
/// says that the store has moved.
/// </summary>
public sealed partial class KeyValueStore(
    IServiceDirectory directory, StateFolder state, IConfiguration configuration, TimeProvider time, ILogger<KeyValueStore> logger) : IAsyncDisposable
{
    /// <summary>How long a connection that is up is used without asking discovery: each command would read its file.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<Subscription> _subscriptions = [];
    private Connection? _connection;

    /// <summary>The store's commands.</summary>
    /// <exception cref="StoreUnavailableException">Discovery knows no store. A store that is known but away fails at the command, with RedisException.</exception>
    public async ValueTask<IDatabase> ConnectAsync(CancellationToken cancellationToken) =>
        (await MultiplexerAsync(cancellationToken)).GetDatabase();

    public async ValueTask<IConnectionMultiplexer> MultiplexerAsync(CancellationToken cancellationToken)
    {
        if (_connection is { } up && !MustLook(up))
            return up.Multiplexer;
        var address = await AddressAsync(cancellationToken);
        if (_connection is { } current && current.Address == address)
            return current.Multiplexer;

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { } other && other.Address == address)
                return other.Multiplexer;
            return await ReplaceAsync(address);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Raised once there is a connection again, after one was lost or the store has moved, and once it takes writes again. Do not block in it.</summary>
    public event Action? Restored;

    /// <summary>To whoever sees that it takes writes, after it did not.</summary>
    internal void NoteTakesWrites() => Restored?.Invoke();

    /// <summary>Hears a channel until the answer is disposed, across reconnects and moves of the store.</summary>
    /// <param name="channel">One of <see cref="StoreKeys"/>.</param>
    public async ValueTask<IAsyncDisposable> SubscribeAsync(RedisChannel channel, Action<RedisValue> handler, CancellationToken cancellationToken)
    {
        var subscription = new Subscription(this, channel, handler);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _subscriptions.Add(subscription);
            if (_connection is { } current)
                await ListenAsync(current.Multiplexer, subscription);
        }
        finally
        {
            _gate.Release();
        }

        return subscription;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.Multiplexer.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>Where it is, or was last; null before the first connection.</summary>
    internal string? Address => _connection?.Address;

    /// <summary>Whether anybody hears a channel, so that the connection must follow the store even without commands.</summary>
    internal bool HasSubscriptions => _subscriptions.Count > 0;

    /// <summary>For one caller each <see cref="LookEvery"/>; for every one while the connection is down.</summary>
    private bool MustLook(Connection connection)
    {
        if (!connection.Multiplexer.IsConnected) return true;
        var (last, now) = (Volatile.Read(ref connection.LookedAt), time.GetTimestamp());
        return time.GetElapsedTime(last, now) >= LookEvery && Interlocked.CompareExchange(ref connection.LookedAt, now, last) == last;
    }

    private async ValueTask<string> AddressAsync(CancellationToken cancellationToken)
    {
        if (configuration["Store:Address"] is { Length: > 0 } external)
            return external;
        var record = await directory.FindAsync("store", cancellationToken);
        if (record is not null)
            return $"{record.Host}:{record.Port}";
        // Known before, silent now: its multiplexer reconnects by itself, and its errors are better than ours.
        return _connection?.Address ?? throw new StoreUnavailableException("The key-value store is not running.");
    }

    private async Task<IConnectionMultiplexer> ReplaceAsync(string address)
    {
        var options = StoreConnection.OptionsFor(address, configuration, state);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        multiplexer.ConnectionRestored += (_, connection) =>
        {
            if (connection.ConnectionType == ConnectionType.Interactive) Restored?.Invoke();
        };
        var old = _connection;
        _connection = new Connection(address, multiplexer) { LookedAt = time.GetTimestamp() };
        foreach (var subscription in _subscriptions)
            await ListenAsync(multiplexer, subscription);
        Log.Connected(logger, address);
        if (multiplexer.IsConnected) Restored?.Invoke();
        if (old is not null)
            await old.Multiplexer.DisposeAsync();
        return multiplexer;
    }

    private static async Task ListenAsync(ConnectionMultiplexer multiplexer, Subscription subscription)
    {
        try
        {
            await multiplexer.GetSubscriber().SubscribeAsync(subscription.Channel, subscription.Handle);
        }
        catch (RedisException)
        {
            // The store is away. The library remembers the subscription and makes it as soon as there is a connection.
        }
    }

    private async ValueTask UnsubscribeAsync(Subscription subscription)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            _subscriptions.Remove(subscription);
            if (_connection is { } current)
                await current.Multiplexer.GetSubscriber().UnsubscribeAsync(subscription.Channel, subscription.Handle);
        }
        finally
        {
            _gate.Release();
        }
    }

    private sealed class Connection(string address, ConnectionMultiplexer multiplexer)
    {
        public long LookedAt;

        public string Address => address;

        public ConnectionMultiplexer Multiplexer => multiplexer;
    }

    private sealed class Subscription(KeyValueStore store, RedisChannel channel, Action<RedisValue> handler) : IAsyncDisposable
    {
        public RedisChannel Channel => channel;

        public void Handle(RedisChannel from, RedisValue value) => handler(value);

        public ValueTask DisposeAsync() => store.UnsubscribeAsync(this);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Key-value store at {Address}")]
        public static partial void Connected(ILogger logger, string address);
    }
}
