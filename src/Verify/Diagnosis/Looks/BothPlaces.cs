using System.Globalization;

namespace Throughline.Verify.Looks;

/// <summary>A service at the address that clients are given, and at its process: the same is asked at both, and what came back is noted.</summary>
internal sealed class BothPlaces(Scene scene, Probe probe, string service, Uri given, Uri direct)
{
    /// <summary>More than two answers on one machine differ by, whatever else it does.</summary>
    private static readonly TimeSpan LateBy = TimeSpan.FromMilliseconds(500);

    public Uri Given => given;

    public Uri Direct => direct;

    /// <returns>Whether both answered alike.</returns>
    public async Task<bool> CompareAsync(string what, Func<Uri, Task<string>> ask) => Note(what, await ask(given), await ask(direct));

    /// <summary>The same; an answer that is right, but late, differs too. The first of a kind may be late for itself, so lateness counts when it is seen twice.</summary>
    public async Task<bool> CompareTimedAsync(string what, Func<Uri, Task<string>> ask)
    {
        var (there, here, later) = await TimeAsync(ask);
        if (there != here || later <= LateBy) return Note(what, there, here);
        (there, here, var again) = await TimeAsync(ask);
        later = again < later ? again : later;
        return Note(what, there == here && later > LateBy ? string.Create(CultureInfo.InvariantCulture, $"{there}, {later.TotalMilliseconds:0} ms later") : there, here);
    }

    /// <summary>The same of something that a limit may refuse at either, which says nothing of what stands between.</summary>
    public async Task<bool> CompareUnlessLimitedAsync(string what, Func<Uri, Task<string>> ask)
    {
        var (there, here) = (await ask(given), await ask(direct));
        return there.Contains("429", StringComparison.Ordinal) || here.Contains("429", StringComparison.Ordinal) || Note(what, there, here);
    }

    private async Task<(string There, string Here, TimeSpan Later)> TimeAsync(Func<Uri, Task<string>> ask)
    {
        var time = scene.System.Time;
        var began = time.GetTimestamp();
        var there = await ask(given);
        var turned = time.GetTimestamp();
        var here = await ask(direct);
        return (there, here, time.GetElapsedTime(began, turned) - time.GetElapsedTime(turned));
    }

    public bool Note(string what, string there, string here)
    {
        probe.Add(new DirectLook(probe.Now, service, what, given.AbsoluteUri, direct.AbsoluteUri, there, here)
        {
            Holder = System.Net.IPAddress.TryParse(given.Host, out var address) && ListeningSockets.HolderOf(address, given.Port) is { } holder ? $"process {holder.Pid} ({holder.Name})" : null,
        });
        return there == here;
    }
}
