using Throughline.Launcher.State;

namespace Throughline.Launcher.Stack;

/// <summary>
/// How <c>down</c> reaches a launcher on every operating system: an empty file in the private state folder, whose name tells the run. It needs no
/// room on the disk, which may be full.
/// </summary>
internal static class StopRequest
{
    private const string Prefix = "launcher.stop.";

    /// <exception cref="IOException">Not even an empty file can be made.</exception>
    public static void Write(StateDirectory state, Guid run) => File.WriteAllBytes(PathOf(state, run), []);

    /// <summary>Waits until somebody asks this run to stop.</summary>
    public static async Task WaitAsync(StateDirectory state, Guid run, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = PathOf(state, run);
        foreach (var earlier in Directory.EnumerateFiles(state.Root, Prefix + "*").Where(file => file != path))
            File.Delete(earlier); // its run ended before it was read
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
        while (!File.Exists(path))
            await timer.WaitForNextTickAsync(cancellationToken);
        File.Delete(path);
    }

    private static string PathOf(StateDirectory state, Guid run) => state.PathOf($"{Prefix}{run:N}");
}
