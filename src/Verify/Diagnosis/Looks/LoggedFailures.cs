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
            using var log = ServiceLog.Open(scene.System.StateRoot!, service);
            if (log is null) continue;
            log.BaseStream.Seek(-Math.Min(Tail, log.BaseStream.Length), SeekOrigin.End);
            var found = new Dictionary<string, (string Line, List<string> About)>();
            while (await log.ReadLineAsync(cancellationToken) is { } line)
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

    /// <summary>An exception's own words come before its stack, those of inner ones too.</summary>
    private static string WithoutStack(string line)
    {
        var stack = line.IndexOf("   at ", StringComparison.Ordinal);
        var words = (stack < 0 ? line : line[..stack]).TrimEnd();
        return words.Length <= MaxLength ? words : words[..MaxLength] + "…";
    }
}
