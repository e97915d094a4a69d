using Throughline.Backend.Threads;

namespace Throughline.Backend.Runs;

/// <summary>Looks each second for open runs that this node does not work on: left by a process that died, or by an acceptance whose
/// outcome its grain never learned. Waking the thread is enough, its grain does the rest; and since the engine has one grain of a
/// thread in the whole cluster, a run that another node works on is left to it.</summary>
internal sealed partial class RunRecovery(RunStore runs, RunsAtWork atWork, IGrainFactory grains, TimeProvider time, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do await LookAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var thread in await runs.ThreadsWithOpenRunsAsync(stoppingToken))
            {
                if (!atWork.Contains(thread)) await grains.GetGrain<IThreadGrain>(thread.ToString()).WakeAsync();
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // The database or a node is away, or one thread cannot be activated: it is looked for again, and the others with it.
            Log.Postponed(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Open runs could not be looked for: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);
    }
}
