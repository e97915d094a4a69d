using System.Globalization;

namespace Throughline.Verify.Looks;

/// <summary>What a process says at its end, by the log of its service.</summary>
public static class LastWord
{
    /// <summary>How the runtime begins what it writes before it ends a process. Lines of loggers begin with their level.</summary>
    private static readonly string[] Deaths = ["Out of memory.", "Unhandled exception. ", "Process terminated. ", "Stack overflow.", "Fatal error."];

    /// <summary>The launcher starts the next process at least so soon.</summary>
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(15);

    /// <summary>The kernel counts the start of a process in ticks of its own clock.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>The runtime's words at the end of the process before the one that began at <paramref name="startedAt"/>.</summary>
    /// <returns>Null where it ended without any.</returns>
    public static string? DeathBefore(string stateRoot, string service, DateTimeOffset startedAt)
    {
        using var reader = ServiceLog.Open(stateRoot, service);
        if (reader is null) return null;
        string? death = null;
        while (reader.ReadLine() is { } line)
        {
            var at = line.IndexOf("Z ", StringComparison.Ordinal);
            if (at is > 0 and < 40 && Array.Exists(Deaths, d => line.AsSpan(at + 2).StartsWith(d, StringComparison.Ordinal))
                && DateTimeOffset.TryParse(line.AsSpan(0, at + 1), CultureInfo.InvariantCulture, out var diedAt) && diedAt <= startedAt + Tolerance && startedAt - diedAt < StartsWithin)
                death = line[(at + 2)..];
        }

        return death;
    }

    /// <summary>"backend: …", the one line in which a service says what stopped its start, if that is how its last start ended.</summary>
    /// <returns>Null where its log ends otherwise.</returns>
    public static string? Of(string stateRoot, string service)
    {
        using var reader = ServiceLog.Open(stateRoot, service);
        if (reader is null) return null;
        // The log stamps lines that have no time of their own: 2026-01-01T00:00:00.000Z backend: …
        var mark = $"Z {service}: ";
        var isReady = $" {service} is ready at ";
        string? word = null;
        while (reader.ReadLine() is { } line)
        {
            var at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at is > 0 and < 40) word = line[(at + mark.Length)..];
            else if (line.Contains(isReady, StringComparison.Ordinal)) word = null; // what it said before it was last well is not why it is down now
        }

        return word;
    }
}
