using Throughline.Backend.Threads;

namespace Throughline.Backend.Nodes;

/// <summary>Calls a thread's grain, on whichever node it lives. A call whose node goes away meanwhile is repeated, which all of the
/// grain's methods bear: the grain then lives on another node.</summary>
internal sealed class ThreadGrains(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    /// <exception cref="OrleansException">Its node has been away for too long.</exception>
    public async Task<T> CallAsync<T>(ThreadKey thread, Func<IThreadGrain, Task<T>> call)
    {
        var grain = grains.GetGrain<IThreadGrain>(thread.ToString());
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call(grain);
            }
            catch (OrleansException) when (time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Rest, time, CancellationToken.None);
            }
        }
    }
}
