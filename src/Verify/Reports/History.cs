using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.Verify.Reports;

/// <summary>One earlier run in a line.</summary>
/// <param name="Checks">State by check.</param>
public sealed record HistoryEntry(
    Guid Id, DateTimeOffset At, string Target, int ExitCode, double ElapsedMs, int Passed, int Failed, decimal AtRisk, IReadOnlyDictionary<string, StepState> Checks,
    IReadOnlyDictionary<string, string> FirstFailures, string? Fault = null);

/// <summary>Earlier runs, one JSON object a line, in a file that is only ever added to.</summary>
public sealed class History(string path)
{
    public const string Name = "history.jsonl";
    public const int Shown = 30;

    public static HistoryEntry EntryOf(VerifyResult result, string? fault = null) => new(
        result.Id, result.StartedAt, result.Target, result.ExitCode, result.ElapsedMs, result.Findings.Count(f => f.Verdict == Verdict.Passed),
        result.Findings.Count(f => f.Verdict == Verdict.Failed), result.Money.AtRisk, result.Checks.ToDictionary(c => c.Id, c => c.State),
        result.Checks.Where(c => c.FirstFailure is not null).ToDictionary(c => c.Id, c => c.FirstFailure!), fault);

    public void Add(HistoryEntry entry)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var line = JsonSerializer.Serialize(entry, HistoryJson.Default.HistoryEntry) + "\n";
        File.AppendAllText(path, EndsInALine() ? line : "\n" + line);
    }

    /// <summary>One for which there was no room may have been written in part.</summary>
    private bool EndsInALine()
    {
        if (!File.Exists(path)) return true;
        using var file = File.OpenRead(path);
        if (file.Length == 0) return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    /// <summary>All of them, the oldest first. A line that is none is passed over: another version wrote it.</summary>
    public IReadOnlyList<HistoryEntry> Read()
    {
        if (!File.Exists(path)) return [];
        var entries = new List<HistoryEntry>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, HistoryJson.Default.HistoryEntry) is { } entry) entries.Add(entry);
            }
            catch (JsonException)
            {
                // See above.
            }
        }

        return entries;
    }

    public static IReadOnlyDictionary<string, SeenFailing> LastFailures(IEnumerable<HistoryEntry> entries)
    {
        var last = new Dictionary<string, SeenFailing>();
        foreach (var entry in entries)
            foreach (var (check, assertion) in entry.FirstFailures)
                last[check] = new SeenFailing(check, entry.At, assertion, entry.Fault);
        return last;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HistoryEntry))]
internal sealed partial class HistoryJson : JsonSerializerContext;
