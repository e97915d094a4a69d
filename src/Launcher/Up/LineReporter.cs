using System.Globalization;
using Throughline.Launcher.Stack;

namespace Throughline.Launcher.Up;

/// <summary>One line for each change, for pipes and logs.</summary>
internal sealed class LineReporter(TextWriter output) : IReporter
{
    private readonly Lock _gate = new();

    public void Report(StackEvent @event)
    {
        lock (_gate)
            foreach (var line in LinesOf(@event))
                output.WriteLine(line);
    }

    public void Dispose()
    {
    }

    private static IEnumerable<string> LinesOf(StackEvent e)
    {
        var seconds = (e.ElapsedMs / 1000).ToString("0.00", CultureInfo.InvariantCulture);
        switch (e.Event)
        {
            case "service":
                yield return $"{seconds,6} s  {e.Service,-10} {e.State?.ToString().ToLowerInvariant(),-10} {e.Address}{(e.Detail is null ? "" : $"  {e.Detail}")}";
                break;
            case "ready":
                yield return $"{seconds,6} s  {(e.State == ServiceState.Ready ? "ready" : "ready, but degraded")}: {e.Address}";
                foreach (var note in e.Notes())
                    yield return $"          {note}";
                break;
            case "failed":
                yield return $"{seconds,6} s  {e.Detail}";
                break;
            case "stopping":
                yield return "stopping";
                break;
            case "stopped":
                yield return "stopped";
                break;
        }

        foreach (var line in e.Lines ?? [])
            yield return $"           | {line}";
    }
}
