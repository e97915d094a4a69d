using System.Data.Common;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Runs;

/// <summary>Takes up at start what an earlier process left open: activating a thread is enough, its grain does the rest.</summary>
internal sealed partial class RunRecovery(RunStore runs, IGrainFactory grains, TimeProvider time, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var threads = await runs.ThreadsWithOpenRunsAsync(stoppingToken);
                foreach (var thread in threads) await grains.GetGrain<IThreadGrain>(thread.ToString()).WakeAsync();
                if (threads.Count > 0) Log.TakenUp(logger, threads.Count);
                return;
            }
            catch (DbException e)
            {
                Log.Postponed(logger, e.Message);
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Took up open runs in {Threads} threads")]
        public static partial void TakenUp(ILogger logger, int threads);

        [LoggerMessage(2, LogLevel.Warning, "Open runs could not be looked for: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);
    }
}
