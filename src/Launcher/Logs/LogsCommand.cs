using System.CommandLine;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Logs;

/// <summary><c>throughline logs</c>: what the services said, merged by time.</summary>
internal static class LogsCommand
{
    private static readonly Argument<string[]> Services = new("service") { Description = "Only these: store, auth, backend, frontend.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what they say next, until Ctrl-C." };
    private static readonly Option<int> Lines = new("--lines", "-n") { Description = "How many of the last lines to begin with.", DefaultValueFactory = _ => 200 };

    public static Command Create()
    {
        var command = new Command("logs", "Show what the services said, merged by time.") { Services, Follow, Lines };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var state = StateDirectory.At(parsed.GetValue(CommandLine.State)!);
        var folder = state.PathOf("logs");
        var wanted = parsed.GetValue(Services)!;
        if (!Directory.Exists(folder))
            throw new LauncherException(ExitCode.Other, $"There are no logs in {state.Root}.", "Start the stack with: throughline up, or name its folder with --state.");
        using var merged = new MergedLog(folder, name => wanted.Length == 0 || wanted.Any(w => name == w || name.StartsWith($"{w}.", StringComparison.Ordinal)));
        foreach (var line in merged.ReadNew().TakeLast(parsed.GetValue(Lines)))
            Console.WriteLine(line);
        if (!parsed.GetValue(Follow))
            return ExitCode.Stopped;

        using var signals = new Up.Signals(isDetached: false);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(signals.Stop))
                foreach (var line in merged.ReadNew())
                    Console.WriteLine(line);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how this ends.
        }

        return ExitCode.Stopped;
    }
}
