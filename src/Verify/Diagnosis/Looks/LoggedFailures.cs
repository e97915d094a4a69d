namespace Throughline.Verify.Looks;

/// <summary>
/// What services logged about the very requests, frames and runs that failed: warnings and errors that name the trace id that the caller was told, the frame's id or
/// the run's. Whatever else stands in a log, however frightening, is not read.
/// </summary>
internal sealed class LoggedFailures() : Look("log", "What was logged of what failed")
{
    private const int MaxIds = 200;
    private const int MaxKinds = 6;
    private const int MaxLength = 600;
    private const long Tail = 16 << 20;

    /// <remarks><c>2026-01-01T00:00:00.000Z fail: Throughline.X[1] …</c></remarks>
    private static readonly string[] Levels = [" warn: ", " fail: ", " crit: "];

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        List<string> ids = [.. scene.Failed.SelectMany(f => f.LoggedAs ?? []).Distinct().Take(MaxIds)];
        if (ids.Count == 0) return;
        foreach (var service in Scene.WebServices)
        {
            var path = Path.Combine(scene.System.StateRoot!, "logs", $"{service}.log");
            if (!File.Exists(path)) continue;
            var found = new Dictionary<string, (string Line, List<string> About)>();
            await foreach (var line in ReadAsync(path, cancellationToken))
            {
                if (!Levels.Any(level => line.IndexOf(level, StringComparison.Ordinal) is > 0 and < 30)) continue;
                foreach (var id in ids.Where(id => line.Contains(id, StringComparison.Ordinal)))
                {
                    var words = WordsAfter(line, id);
                    if (found.TryGetValue(words, out var alike)) alike.About.Add(id);
                    else if (found.Count < MaxKinds) found[words] = (WithoutStack(line), [id]);
                }
            }

            foreach (var (line, about) in found.Values) probe.Add(new LogLook(probe.Now, service, [line]) { About = [.. about.Distinct()] });
        }
    }

    /// <summary>What a line says behind the id that it is about: an exception's words, mostly.</summary>
    public static string WordsAfter(string line, string id) => WithoutStack(line[(line.IndexOf(id, StringComparison.Ordinal) + id.Length)..]).Trim();

    private static async IAsyncEnumerable<string> ReadAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file);
        while (await reader.ReadLineAsync(cancellationToken) is { } line) yield return line;
    }

    /// <summary>An exception's own words come before its stack, those of inner ones too.</summary>
    private static string WithoutStack(string line)
    {
        var stack = line.IndexOf("   at ", StringComparison.Ordinal);
        var words = (stack < 0 ? line : line[..stack]).TrimEnd();
        return words.Length <= MaxLength ? words : words[..MaxLength] + "…";
    }
}
