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
            return process.HasExited || StateOf(pid) == "Z" ? null : new DateTimeOffset(process.StartTime.ToUniversalTime());
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    public static bool IsAlive(int pid, DateTimeOffset startedAt) =>
        StartOf(pid) is { } start && (start - startedAt).Duration() < Tolerance;

    /// <summary>What the kernel says the process does: <c>R</c>, <c>S</c>, <c>T</c> for stopped, <c>Z</c> for ended and not yet collected by whoever started it.</summary>
    /// <returns>Null where there is no such process, or the system does not tell.</returns>
    public static string? StateOf(int pid)
    {
        try
        {
            // pid (name) S …: the name may hold blanks and brackets
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[text.LastIndexOf(')')..].Split(' ', 3)[1];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static string ReadNamespace()
    {
        var pids = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return pids is null ? Environment.MachineName : $"{Environment.MachineName}/{pids}";
    }
}
