using Throughline.Launcher.State;

namespace Throughline.Launcher.Backup;

/// <summary>What a state folder knows, outside its databases, of deletions: a backup must not undo them (decision 26).</summary>
internal static class Deletions
{
    private const string Ledger = "erasures.log";
    private const string Marks = "feed";

    /// <summary>Gives a restored folder what the present one knows more: lines of the ledger, and how far the feed was applied.</summary>
    public static void CarryOver(StateDirectory present, StateDirectory restored)
    {
        var known = Lines(restored.PathOf(Ledger)).ToHashSet(StringComparer.Ordinal);
        var missing = Lines(present.PathOf(Ledger)).Where(line => known.Add(line)).ToList();
        if (missing.Count > 0) StateDirectory.WritePrivate(restored.PathOf(Ledger), string.Join('\n', known) + '\n');

        if (!Directory.Exists(present.PathOf(Marks))) return;
        StateDirectory.CreateFolder(restored.PathOf(Marks));
        foreach (var mark in Directory.EnumerateFiles(present.PathOf(Marks)))
            File.Copy(mark, restored.PathOf(Marks, Path.GetFileName(mark)), overwrite: true);
    }

    private static IEnumerable<string> Lines(string path) => File.Exists(path) ? File.ReadLines(path).Where(line => line.Length > 0) : [];
}
