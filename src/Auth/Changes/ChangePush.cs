using System.Threading.Channels;
using StackExchange.Redis;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Changes;

/// <summary>
/// Rings the doorbell of <see cref="Doorbell"/> for each commit, and hears that of other auths on the same database. Best effort, and
/// behind the request's back: whoever writes never waits for the store, and without it the feed does the same a little later.
/// </summary>
internal sealed partial class ChangePush(KeyValueStore store, Doorbell doorbell, ChangeSignal signal, ILogger<ChangePush> logger) : BackgroundService
{
    /// <summary>More than this waits only where the store hangs, and then the oldest are of no use any more.</summary>
    private const int MaxWaiting = 1024;

    private readonly Channel<UserChange> _waiting =
        Channel.CreateBounded<UserChange>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private bool _isAway;

    public void Tell(IEnumerable<Change> changes)
    {
        foreach (var change in changes) _waiting.Writer.TryWrite(change.ToUserChange());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var hearing = await store.SubscribeAsync(StoreKeys.Changes, Hear, stoppingToken);
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken)) await PublishAsync(TakeAll(), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; the feed has it all.
        }
    }

    private void Hear(RedisValue message)
    {
        if (doorbell.Open((byte[]?)message) is not null) signal.Ring();
    }

    private List<UserChange> TakeAll()
    {
        var changes = new List<UserChange>();
        while (_waiting.Reader.TryRead(out var change)) changes.Add(change);
        return changes;
    }

    private async Task PublishAsync(List<UserChange> changes, CancellationToken cancellationToken)
    {
        try
        {
            var multiplexer = await store.MultiplexerAsync(cancellationToken);
            await multiplexer.GetSubscriber().PublishAsync(StoreKeys.Changes, doorbell.Seal(changes)).WaitAsync(cancellationToken);
            _isAway = false;
        }
        catch (Exception e) when (e is RedisException or StoreUnavailableException or TimeoutException)
        {
            // Readiness says it too; one line for each outage is enough here.
            if (!_isAway) Log.NotTold(logger, e.Message);
            _isAway = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Changes are told by the feed alone, since the key-value store is away: {Reason}")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
