using Throughline.Launcher.State;

namespace Throughline.Launcher.Stack;

/// <summary>How <c>down</c> reaches a launcher on every operating system: a file in the private state folder that names the run.</summary>
internal static class StopRequest
{
    private const string Name = "launcher.stop";

    public static void Write(StateDirectory state, Guid run)
    {
        var path = state.PathOf(Name);
        StateDirectory.WritePrivate(path + ".tmp", run.ToString());
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Waits until somebody asks this run to stop.</summary>
    public static async Task WaitAsync(StateDirectory state, Guid run, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = state.PathOf(Name);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
        do
        {
            if (!File.Exists(path))
                continue;
            var asked = await File.ReadAllTextAsync(path, cancellationToken);
            File.Delete(path);
            if (asked == run.ToString())
                return; // another name: a request to an earlier run, which is gone
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
