namespace Throughline.Launcher.Logs;

/// <summary>Several services' log files as one stream. Each line begins with its time, so that the order is the text's own.</summary>
internal sealed class MergedLog(string folder, Func<string, bool> isWanted) : IDisposable
{
    private readonly Dictionary<string, StreamReader> _readers = [];

    /// <summary>The lines that are new since the last call, oldest first, each with its service's name.</summary>
    public IReadOnlyList<string> ReadNew()
    {
        var lines = new List<(string Name, string Line)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.log"))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (!isWanted(name))
                continue;
            if (!_readers.TryGetValue(path, out var reader))
                _readers[path] = reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            if (reader.BaseStream.Length < reader.BaseStream.Position)
                reader.BaseStream.Position = 0;
            while (reader.ReadLine() is { } line)
                lines.Add((name, line));
        }

        return lines.OrderBy(l => l.Line.Length > 24 ? l.Line[..24] : l.Line, StringComparer.Ordinal).Select(l => $"{l.Name,-9} {l.Line}").ToList();
    }

    public void Dispose()
    {
        foreach (var reader in _readers.Values)
            reader.Dispose();
    }
}
