using System.Globalization;
using Spectre.Console;
using Throughline.Launcher.Stack;

namespace Throughline.Launcher.Up;

/// <summary>The table on a terminal: redrawn in place until the stack is ready, then left standing; later changes are lines below it.</summary>
internal sealed class LiveTable : IReporter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StackEvent> _rows = [];
    private readonly Dictionary<string, double> _readyAfter = [];
    private readonly LineReporter _lines;
    private readonly IAnsiConsole _console;
    private int _drawn;
    private bool _isLive = true;

    public LiveTable(IAnsiConsole console)
    {
        _console = console;
        _lines = new LineReporter(console.Profile.Out.Writer);
    }

    public void Report(StackEvent @event)
    {
        lock (_gate)
        {
            if (!_isLive)
            {
                _lines.Report(@event);
                return;
            }

            if (@event is { Event: "service", Service: { } service })
            {
                _rows[service] = @event;
                if (@event.State is ServiceState.Ready or ServiceState.Degraded)
                    _readyAfter.TryAdd(service, @event.ElapsedMs);
                Draw();
                return;
            }

            _isLive = false;
            if (@event.Event == "ready")
                Announce(@event);
            else
                _lines.Report(@event);
        }
    }

    public void Dispose()
    {
    }

    private void Draw()
    {
        // The cursor goes back to the table's first line; lines are as many as before, or more.
        if (_drawn > 0)
            _console.Cursor.MoveUp(_drawn);
        var table = new Table().Border(TableBorder.None).AddColumns("service", "state", "address", "ready after");
        foreach (var (name, row) in _rows.OrderBy(r => r.Key, StringComparer.Ordinal))
            table.AddRow(
                Markup.Escape(name), $"[{ColourOf(row.State)}]{row.State?.ToString().ToLowerInvariant(),-10}[/]",
                Markup.Escape(row.Address ?? ""), _readyAfter.TryGetValue(name, out var ms) ? Seconds(ms) : "");
        _console.Write(table);
        _drawn = _rows.Count + 1;
    }

    private void Announce(StackEvent ready)
    {
        _console.WriteLine();
        _console.MarkupLine($"[bold]Throughline[/] is {(ready.State == ServiceState.Ready ? "ready" : "ready, but degraded")} after {Seconds(ready.ElapsedMs)}:  [bold underline]{Markup.Escape(ready.Address ?? "")}[/]");
        foreach (var row in _rows.Values.Where(r => r is { State: not ServiceState.Ready, Detail: not null }))
            _console.MarkupLine($"[yellow]{Markup.Escape($"{row.Service}: {row.Detail}")}[/]");
        foreach (var note in ready.Notes())
            _console.MarkupLine($"[dim]{Markup.Escape(note)}[/]");
        _console.MarkupLine("[dim]Ctrl-C stops it. Logs: ./throughline logs --follow[/]");
    }

    private static string Seconds(double ms) => $"{(ms / 1000).ToString("0.00", CultureInfo.InvariantCulture)} s";

    private static string ColourOf(ServiceState? state) => state switch
    {
        ServiceState.Ready => "green",
        ServiceState.Degraded or ServiceState.Restarting or ServiceState.Stopping => "yellow",
        ServiceState.Failed or ServiceState.Unhealthy => "red",
        _ => "grey",
    };
}
