using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>The records on disk: <c>.service_discovery/&lt;service&gt;.json</c>, <c>&lt;service&gt;.&lt;n&gt;.json</c> for further nodes.</summary>
public static class DiscoveryFiles
{
    public const string Folder = ".service_discovery";

    public static string NameOf(string service, int node) => node == 1 ? $"{service}.json" : $"{service}.{node}.json";

    /// <summary>Reads the service's records in node order. A file that is no record is passed over: its writer may be of another version.</summary>
    public static IEnumerable<DiscoveryRecord> Read(string stateRoot, string service)
    {
        var folder = Path.Combine(stateRoot, Folder);
        if (!Directory.Exists(folder))
            yield break;
        var names = Directory.EnumerateFiles(folder, $"{service}*.json")
            .Select(path => (path, node: NodeOf(Path.GetFileName(path), service)))
            .Where(f => f.node > 0)
            .OrderBy(f => f.node);
        foreach (var (path, _) in names)
            if (TryRead(path) is { } record && record.Service == service)
                yield return record;
    }

    public static DiscoveryRecord? TryRead(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.DiscoveryRecord);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null; // removed between listing and reading, or not a record
        }
    }

    internal static void Write(string path, DiscoveryRecord record) => SmallFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.DiscoveryRecord));

    private static int NodeOf(string fileName, string service)
    {
        var middle = fileName[service.Length..^".json".Length];
        return middle.Length == 0 ? 1 : middle[0] == '.' && int.TryParse(middle.AsSpan(1), out var node) ? node : 0;
    }
}
