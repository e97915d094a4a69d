using System.Globalization;

namespace Throughline.Verify.Looks;

/// <summary>The control groups that a process is in: what Linux, and with it every container, lets it use.</summary>
/// <param name="Processor">Folder of the nearest group that limits its processor time; null where none does.</param>
/// <param name="Memory">The same for memory.</param>
/// <param name="Threads">The same for threads.</param>
/// <param name="Freezer">Folder of the group by which it can be frozen.</param>
/// <remarks>https://docs.kernel.org/admin-guide/cgroup-v2.html, and for the older kind https://docs.kernel.org/admin-guide/cgroup-v1/</remarks>
internal sealed record ControlGroups(string? Processor, string? Memory, string? Threads, string? Freezer)
{
    private const string Mount = "/sys/fs/cgroup";

    /// <returns>Null where there is no such process, or the system has no such thing.</returns>
    public static ControlGroups? Of(int pid)
    {
        try
        {
            return Read(File.ReadLines($"/proc/{pid}/cgroup"), Mount);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="memberships"><c>4:memory:/docker/1f…</c> for each controller of the older kind, <c>0::/system.slice/…</c> for the newer.</param>
    /// <param name="mount">The folder of all groups.</param>
    internal static ControlGroups Read(IEnumerable<string> memberships, string mount)
    {
        var lines = memberships.Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToList();
        return new ControlGroups(
            Upwards(lines, mount, "cpu").FirstOrDefault(f => CoresIn(f) is not null), Upwards(lines, mount, "memory").FirstOrDefault(f => BytesIn(f) is not null),
            Upwards(lines, mount, "pids").FirstOrDefault(f => ThreadsIn(f) is not null), Upwards(lines, mount, "freezer").FirstOrDefault());
    }

    /// <summary>How many cores' worth of time it may use.</summary>
    public double? Cores => Processor is { } folder ? CoresIn(folder) : null;

    /// <summary>How many bytes it may use.</summary>
    public long? Bytes => Memory is { } folder ? BytesIn(folder) : null;

    /// <summary>How many threads it may have.</summary>
    public long? Most => Threads is { } folder ? ThreadsIn(folder) : null;

    /// <summary>Periods in which it ran, and those of them in which it had used up what it may and was held back.</summary>
    public (long All, long HeldBack) Periods => Processor is { } folder ? (Field(folder, "cpu.stat", "nr_periods") ?? 0, Field(folder, "cpu.stat", "nr_throttled") ?? 0) : default;

    /// <summary>How many of the group's processes the kernel has ended for want of memory.</summary>
    public long Kills => Memory is { } folder ? Field(folder, "memory.events", "oom_kill") ?? Field(folder, "memory.oom_control", "oom_kill") ?? 0 : 0;

    /// <summary>How often a thread was not started, since there were as many as there may be.</summary>
    public long Refusals => Threads is { } folder ? Field(folder, "pids.events", "max") ?? 0 : 0;

    /// <summary>Whether all of it is stopped, as <c>docker pause</c> does it.</summary>
    public bool IsFrozen => Freezer is { } folder && (Field(folder, "cgroup.events", "frozen") == 1 || Text(folder, "freezer.state") is "FROZEN" or "FREEZING");

    /// <summary>Where it lies below the folder of all groups, such as <c>/system.slice/docker-1f….scope</c>.</summary>
    public static string NameOf(string folder) => folder.StartsWith(Mount, StringComparison.Ordinal) && folder.Length > Mount.Length ? folder[Mount.Length..] : folder;

    /// <summary>The process's group and those around it, the nearest first. Inside a container its own group is the outermost that can be seen.</summary>
    private static IEnumerable<string> Upwards(List<string[]> lines, string mount, string controller)
    {
        var (top, path) = lines.Find(parts => parts[1].Split(',').Contains(controller)) is { } older ? (Path.Combine(mount, controller), older[2])
            : lines.Find(parts => parts[1].Length == 0) is { } newer ? (File.Exists(Path.Combine(mount, "cgroup.controllers")) ? mount : Path.Combine(mount, "unified"), newer[2])
            : (mount, "");
        var folder = top + path.TrimEnd('/');
        if (!Directory.Exists(folder)) folder = top;
        for (; Directory.Exists(folder) && folder.Length >= top.Length; folder = Path.GetDirectoryName(folder)!) yield return folder;
    }

    private static double? CoresIn(string folder) =>
        Text(folder, "cpu.max")?.Split(' ') is [var most, var period] ? (double?)Number(most) / Number(period)
        : Number(Text(folder, "cpu.cfs_quota_us")) is > 0 and var quota ? (double?)quota / Number(Text(folder, "cpu.cfs_period_us"))
        : null;

    /// <summary>The older kind writes "no limit" as the greatest number of whole pages.</summary>
    private static long? BytesIn(string folder) => Number(Text(folder, "memory.max") ?? Text(folder, "memory.limit_in_bytes")) is { } bytes and < long.MaxValue / 2 ? bytes : null;

    private static long? ThreadsIn(string folder) => Number(Text(folder, "pids.max"));

    private static long? Field(string folder, string file, string name) =>
        Text(folder, file)?.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words[0] == name) is [_, var value, ..] ? Number(value) : null;

    private static long? Number(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it went with its last process
        }
    }
}
