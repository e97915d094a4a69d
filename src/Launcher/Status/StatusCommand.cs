using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Status;

/// <summary><c>throughline status</c>: what runs, where, how healthy. Exit code 0 where all is well enough to serve, else 1.</summary>
internal static class StatusCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Write one JSON object, for programs." };

    public static Command Create()
    {
        var command = new Command("status", "Show what runs, where, and how healthy it is.") { Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var state = StateDirectory.Read(parsed.GetValue(CommandLine.State)!);
        var status = await StatusReader.ReadAsync(state, TimeProvider.System, cancellationToken);
        if (parsed.GetValue(Json))
            Console.WriteLine(JsonSerializer.Serialize(status, LauncherJson.Default.StackStatus));
        else
            Print(status);
        return status.IsRunning && status.Services.Count > 0 && status.Services.All(s => s.Health != HealthStatus.Unhealthy)
            ? ExitCode.Stopped
            : ExitCode.Other;
    }

    private static void Print(StackStatus status)
    {
        if (!status.IsRunning && status.Services.Count == 0)
        {
            Console.WriteLine($"Nothing runs on {status.State}. Start it with: throughline up");
            return;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("service", "health", "address", "pid", "memory");
        foreach (var s in status.Services)
            table.AddRow(
                Markup.Escape(s.Name), Markup.Escape(s.Health), Markup.Escape(s.Address), $"{s.Pid}",
                s.MemoryMb is { } mb ? $"{mb.ToString("0", CultureInfo.InvariantCulture)} MB" : "");
        AnsiConsole.Write(table);
        foreach (var s in status.Services.Where(s => s.Detail is not null))
            Console.WriteLine($"{s.Name}: {s.Detail}");
        Console.WriteLine(status.Url is null ? "The web app is not there." : $"Open {status.Url}");
        if (!status.IsRunning)
            Console.WriteLine("The launcher is gone; what is left ends by itself. Start again with: throughline up");
    }
}
