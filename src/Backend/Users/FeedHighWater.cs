using System.Globalization;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>
/// How far the feed was ever applied, in a file beside the database (<c>feed/backend.&lt;node&gt;</c>), written after each commit. A database
/// that is behind it at a start was restored from a backup, and does not know of the deletions since.
/// </summary>
internal sealed class FeedHighWater(StateFolder state, ServiceIdentity identity)
{
    private const string Folder = "feed";

    private readonly string _own = state.PathOf(Folder, string.Create(CultureInfo.InvariantCulture, $"backend.{identity.Node}"));

    /// <summary>The highest place of all nodes; <see cref="long.MaxValue"/> where a file is damaged, so that nobody takes it for a low one.</summary>
    public long Read() => Files().Select(Read).DefaultIfEmpty(0).Max();

    public void Write(long position)
    {
        var draft = $"{_own}.tmp";
        File.WriteAllText(draft, position.ToString(CultureInfo.InvariantCulture));
        File.Move(draft, _own, overwrite: true);
    }

    /// <summary>Makes this the highest place of all: what other nodes have written, running ones write again.</summary>
    public void Reset(long position)
    {
        foreach (var file in Files().Where(file => file != _own)) File.Delete(file);
        Write(position);
    }

    private IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.GetDirectoryName(_own)!, "backend.*").Where(file => !file.EndsWith(".tmp", StringComparison.Ordinal));

    private static long Read(string file) =>
        long.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : long.MaxValue;
}
