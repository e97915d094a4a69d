using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users.Reconcile;

/// <summary>Compares the replica with auth now and then, and tells what it finds; repairs it after auth's database was restored.</summary>
internal sealed partial class ReconcileSchedule(
    Reconciliation reconciliation, UserChangeWriter writer, IOptions<SyncOptions> options, TimeProvider time, ILogger<ReconcileSchedule> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Auth's versions may have gone back.</summary>
    public void RepairSoon() => _asked.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true) await RunAsync(await IsAskedAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; a repair that was not finished is asked for again at the next start.
        }
    }

    /// <returns>Whether a repair is asked for; false where it is time for a look.</returns>
    private async Task<bool> IsAskedAsync(CancellationToken cancellationToken)
    {
        using var due = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = new CancellationTokenSource(options.Value.ReconcileEvery, time);
        await using var link = timer.Token.Register(due.Cancel);
        try
        {
            return await _asked.Reader.ReadAsync(due.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task RunAsync(bool isRepairing, CancellationToken cancellationToken)
    {
        try
        {
            var (compared, found, left) = (0L, 0, 0);
            await foreach (var line in reconciliation.RunAsync(isRepairing, cancellationToken))
            {
                compared = line.Compared;
                if (line.Found is not { } divergence) continue;
                found++;
                if (divergence.Repaired != true) left++;
            }

            if (isRepairing) await writer.ForgetRewindAsync(cancellationToken);
            if (isRepairing) Log.Repaired(logger, compared, found, left);
            else if (found > 0) Log.Diverged(logger, compared, found);
            else Log.Agreed(logger, compared);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e) || e is DbException)
        {
            Log.Postponed(logger, e.Message);
            if (!isRepairing) return; // until it is time again
            await Task.Delay(RetryAfter, time, cancellationToken);
            RepairSoon();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Compared {Users} users with auth: no divergence")]
        public static partial void Agreed(ILogger logger, long users);

        [LoggerMessage(2, LogLevel.Warning, "Compared {Users} users with auth: {Found} diverge. Look at them with `throughline reconcile`, repair them with `throughline reconcile --repair`")]
        public static partial void Diverged(ILogger logger, long users, int found);

        [LoggerMessage(3, LogLevel.Warning, "Compared {Users} users with auth, whose database was restored: {Found} diverged, {Left} still do")]
        public static partial void Repaired(ILogger logger, long users, int found, int left);

        [LoggerMessage(4, LogLevel.Warning, "The replica could not be compared with auth: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);
    }
}
