using System.ComponentModel;
using System.Diagnostics;

namespace Throughline.ServiceDefaults;

/// <summary>Tells whether a pid still means the process it meant.</summary>
public static class ProcessIdentity
{
    // Linux counts a process's start in ticks since a boot time that each reader computes anew, a little differently.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Machine and pid namespace: pids mean the same only where this is the same.</summary>
    public static string Namespace { get; } = ReadNamespace();

    public static DateTimeOffset StartedAt { get; } = StartOf(Environment.ProcessId)!.Value;

    /// <returns>When the process began; null where there is no such process, or one that may not be looked at.</returns>
    public static DateTimeOffset? StartOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited || IsZombie(pid) ? null : new DateTimeOffset(process.StartTime.ToUniversalTime());
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    public static bool IsAlive(int pid, DateTimeOffset startedAt) =>
        StartOf(pid) is { } start && (start - startedAt).Duration() < Tolerance;

    /// <summary>Ended, and not yet collected by whoever started it: it has a pid, and does nothing any more.</summary>
    private static bool IsZombie(int pid)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat"); // pid (name) Z …: the name may hold blanks and brackets
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart().StartsWith("Z");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, as its start time will tell
        }
    }

    private static string ReadNamespace()
    {
        var pids = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return pids is null ? Environment.MachineName : $"{Environment.MachineName}/{pids}";
    }
}
