using StackExchange.Redis;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Hears auth's doorbell: whoever is shut out is out at once, in memory; the feed follows and makes it durable.</summary>
internal sealed partial class DoorbellListener(KeyValueStore store, Doorbell doorbell, Revocations revocations, FeedBell bell, ILogger<DoorbellListener> logger) : IHostedService
{
    private IAsyncDisposable? _hearing;
    private int _refused;

    public async Task StartAsync(CancellationToken cancellationToken) => _hearing = await store.SubscribeAsync(StoreKeys.Changes, Hear, cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_hearing is not null) await _hearing.DisposeAsync();
    }

    private void Hear(RedisValue message)
    {
        if (doorbell.Open((byte[]?)message) is not { } called)
        {
            // Once is enough to look into it; somebody who floods the channel must not flood the log.
            if (Interlocked.Increment(ref _refused) == 1) Log.Refused(logger, StoreKeys.Changes.ToString());
            return;
        }

        foreach (var change in called.Items) revocations.Apply(change);
        bell.Ring();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Somebody writes to {Channel} of the key-value store who is not this installation's auth; such messages are ignored")]
        public static partial void Refused(ILogger logger, string channel);
    }
}
