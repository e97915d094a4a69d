using Throughline.Backend.Nodes;
using Throughline.Backend.Threads;

namespace Throughline.Backend.Runs;

/// <summary>Looks each second at what is open. A run that no living node works on is taken up: left by a process that died, or by an
/// acceptance whose outcome its grain never learned. Waking the thread is enough, its grain does the rest; of one thread the engine has
/// one in the whole cluster. And who follows a thread here hears where its log stands, should the call of the node that wrote it be lost.</summary>
internal sealed partial class RunRecovery(
    RunStore runs, RunsAtWork atWork, NodeLease lease, ThreadHub hub, IGrainFactory grains, TimeProvider time, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 16 };

    private TaskCompletionSource _asked = Fresh();

    /// <summary>Looks now instead of at the next second: a node is gone.</summary>
    public void LookNow() => Interlocked.Exchange(ref _asked, Fresh()).SetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var asked = Volatile.Read(ref _asked).Task;
            await LookAsync(stoppingToken);
            await Task.WhenAny(asked, Task.Delay(LookEvery, time, stoppingToken));
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            var busy = await runs.BusyThreadsAsync(lease.Node, stoppingToken);
            foreach (var thread in busy) hub.Tell(thread.Key, thread.Head);
            var left = busy.Where(thread => thread.IsOpen && !thread.IsHeld && !atWork.Contains(thread.Key)).ToArray();
            // All nodes that are left look at once: in the same order one would get everything.
            Random.Shared.Shuffle(left);
            await Parallel.ForEachAsync(left, AtOnce, async (thread, _) => await WakeAsync(thread.Key));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
        catch (Exception e)
        {
            // The database is away: it is looked for again.
            Log.Postponed(logger, e.Message);
        }
    }

    private async Task WakeAsync(ThreadKey thread)
    {
        try
        {
            await grains.GetGrain<IThreadGrain>(thread.ToString()).WakeAsync().WaitAsync(LookEvery, time);
        }
        catch (Exception e)
        {
            // Its node is away and the engine does not know it yet, or the thread cannot be activated: the next look tries again, and the others do not wait.
            Log.NotWoken(logger, thread.ThreadId, e.Message);
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Open runs could not be looked for: {Reason}")]
        public static partial void Postponed(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Thread {ThreadId} could not be woken: {Reason}")]
        public static partial void NotWoken(ILogger logger, string threadId, string reason);
    }
}
