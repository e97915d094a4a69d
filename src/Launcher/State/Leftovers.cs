using System.Diagnostics;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.State;

/// <summary>Waits for the children of a launcher that was killed: they are ending, and two stores on one folder would harm the data.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task WaitForEndAsync(StateDirectory state, TimeProvider time, CancellationToken cancellationToken)
    {
        if (StateLock.ReadLast(state) is not { } last || last.PidNamespace != ProcessIdentity.Namespace)
            return;
        var began = time.GetTimestamp();
        foreach (var child in last.Children)
        {
            while (ProcessIdentity.IsAlive(child.Pid, child.ProcessStartedAt))
            {
                if (time.GetElapsedTime(began) > Patience)
                    Kill(child);
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
            }
        }
    }

    private static void Kill(RunningChild child)
    {
        try
        {
            using var process = Process.GetProcessById(child.Pid);
            process.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // Ended between the look and the kill.
        }
    }
}
