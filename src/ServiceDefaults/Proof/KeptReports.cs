using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Proof;

namespace Throughline.ServiceDefaults;

/// <summary>The reports that verify keeps: one file for each of the last 30 runs, named so that names sort by time.</summary>
public sealed class KeptReports(string folder)
{
    public const int Kept = 30;

    // A report never changes once it is there; what was read is read again only where somebody put another file in its place.
    private readonly ConcurrentDictionary<string, (DateTime WrittenAt, ProofDocument? Document)> _read = new();

    public static string FolderIn(string stateRoot) => Path.Combine(stateRoot, "verify", "runs");

    /// <summary>Keeps a report, whole or not at all, and lets the oldest go.</summary>
    /// <param name="json">As verify's JSON report writes it.</param>
    public void Keep(Guid id, DateTimeOffset startedAt, string json)
    {
        var path = new StateFolder(folder).PathOf(string.Create(CultureInfo.InvariantCulture, $"{startedAt.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}-{id:N}.json"));
        try
        {
            File.WriteAllText(path + ".tmp", json);
            File.Move(path + ".tmp", path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(path + ".tmp"); // there was no room for all of it
            throw;
        }

        foreach (var old in Newest().Skip(Kept)) File.Delete(old);
    }

    /// <summary>The newest first. One that is damaged has no document.</summary>
    public IReadOnlyList<KeptReport> Read()
    {
        var reports = Newest().Take(Kept).Select(ReadOne).OfType<KeptReport>().ToList();
        foreach (var gone in _read.Keys.Except(reports.Select(r => r.Path))) _read.TryRemove(gone, out _);
        return reports;
    }

    private IEnumerable<string> Newest() =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").OrderByDescending(Path.GetFileName, StringComparer.Ordinal) : [];

    private KeptReport? ReadOne(string path)
    {
        try
        {
            var writtenAt = File.GetLastWriteTimeUtc(path);
            if (!_read.TryGetValue(path, out var known) || known.WrittenAt != writtenAt) _read[path] = known = (writtenAt, DocumentIn(path));
            return new KeptReport(path, known.Document);
        }
        catch (FileNotFoundException)
        {
            return null; // another run has just let it go
        }
    }

    private static ProofDocument? DocumentIn(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, WireJson.Default.ProofDocument) is { Result: { Checks: not null, Steps: not null, Causes: not null, Findings: not null, Money: not null }, LastSeenToFail: not null } whole ? whole : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

public sealed record KeptReport(string Path, ProofDocument? Document);
