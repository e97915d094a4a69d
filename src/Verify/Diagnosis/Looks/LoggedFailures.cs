namespace Throughline.Verify.Looks;

/// <summary>
/// What services logged about the very requests, frames and runs that failed: warnings and errors that name the trace id that the caller was told, the frame's id or
/// the run's. Whatever else stands in a log, however frightening, is not read.
/// </summary>
internal sealed class LoggedFailures() : Look("log", "What was logged of what failed")
{
    private const int MaxIds = 40;
    private const int MaxLines = 3;
    private const int MaxLength = 600;
    private const long Tail = 16 << 20;

    /// <remarks><c>2026-01-01T00:00:00.000Z fail: Throughline.X[1] …</c></remarks>
    private static readonly string[] Levels = [" warn: ", " fail: ", " crit: "];

    public override async Task RunAsync(Scene scene, Probe probe, CancellationToken cancellationToken)
    {
        foreach (var service in Scene.WebServices)
        {
            var ids = scene.Failed.SelectMany(f => IdsOf(f, service)).Distinct().Take(MaxIds).ToDictionary(id => id, _ => new List<string>());
            var path = Path.Combine(scene.System.StateRoot!, "logs", $"{service}.log");
            if (ids.Count == 0 || !File.Exists(path)) continue;
            await foreach (var line in ReadAsync(path, cancellationToken))
            {
                if (!Levels.Any(level => line.IndexOf(level, StringComparison.Ordinal) is > 0 and < 30)) continue;
                foreach (var (id, lines) in ids)
                    if (lines.Count < MaxLines && line.Contains(id, StringComparison.Ordinal)) lines.Add(WithoutStack(line));
            }

            foreach (var (id, lines) in ids.Where(i => i.Value.Count > 0)) probe.Add(new LogLook(probe.Now, service, lines) { About = id });
        }
    }

    /// <summary>By which the log of a service tells of what failed there.</summary>
    public static IEnumerable<string> IdsOf(Finding finding, string service) => finding.Evidence.Where(e => !e.IsControl).SelectMany(e => e switch
    {
        HttpExchange { Status: >= 500, TraceId: { } trace } http when http.From?.Service == service => [trace],
        SocketExchange { LogIds: { } ids } when service == "backend" => ids,
        _ => Enumerable.Empty<string>(),
    });

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
