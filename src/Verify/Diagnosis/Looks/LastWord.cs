namespace Throughline.Verify.Looks;

/// <summary>"backend: …", the one line in which a service says what stopped its start, if that is how its last start ended.</summary>
public static class LastWord
{
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
