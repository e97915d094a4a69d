using Throughline.Backend.Database;

namespace Throughline.Backend.Users;

/// <summary>Holds the service back after a start on a restored database, until every deletion since the backup has been made again.</summary>
internal sealed partial class FeedCatchUp(RestoreGate gate, FeedHighWater highWater, BackendDatabase database, ReplicaSignal signal, TimeProvider time, ILogger<FeedCatchUp> logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public bool IsOver => gate.IsOpen;

    /// <param name="cursor">Where the database says that the feed was read to.</param>
    /// <param name="highest">Where it was ever read to.</param>
    public void Begin(long cursor, long highest)
    {
        if (highest <= cursor) gate.Open();
        else Log.Behind(logger, cursor, highest);
    }

    /// <summary>The feed's end is reached: what it told to erase is waited for, then the service opens.</summary>
    public async Task EndAsync(long cursor, CancellationToken cancellationToken)
    {
        if (gate.IsOpen) return;
        while (true)
        {
            var next = signal.Next; // armed before the look
            if (!await IsErasingAsync(cancellationToken)) break;
            await next.WaitAsync(LookAgain, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        highWater.Reset(cursor);
        gate.Open();
        Log.CaughtUp(logger, cursor);
    }

    private Task<bool> IsErasingAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => await connection.ScalarAsync<long>(
            "SELECT count(*) FROM users WHERE status='erasing'", cancellationToken) > 0, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database has read auth's feed to {Cursor}, but {Highest} had been reached: it was restored from a backup. Nothing is served before auth has told what was deleted since")]
        public static partial void Behind(ILogger logger, long cursor, long highest);

        [LoggerMessage(2, LogLevel.Information, "The restored database has caught up with auth's feed at {Cursor}")]
        public static partial void CaughtUp(ILogger logger, long cursor);
    }
}
