using System.CommandLine;
using Throughline.Client.Problems;
using Throughline.Launcher.Login;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Up;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Ask;

/// <summary><c>throughline ask</c>: one question from the shell; the answer on standard output, everything else on standard error.</summary>
internal static class AskCommand
{
    private static readonly Argument<string> Question = new("question") { Description = "What you want to know, in your own words." };
    private static readonly Option<string[]> Files = new("--file", "-f") { Description = "A usage file to ask about (CSV, JSON, JSONL, Parquet, each plain or gzip). May be given more than once.", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string?> TimeZone = new("--time-zone") { Description = "Where days begin and end, e.g. Europe/Berlin. UTC if left out." };

    private static readonly Option<string?> Origin = LoginPlace.NewOption();

    public static Command Create()
    {
        var command = new Command("ask", """
            Ask one question; the answer is Markdown on standard output, with a list of sources.
            Asks as you, once you have signed in with `throughline login`, else as a local user of this state.
            Uses the stack that runs on this state, or starts one for the time of the question.

            Example:
              throughline ask "What did we spend, and on what?" --file usage.csv > answer.md
            """) { Question, Files, TimeZone, Origin };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = (parsed.GetValue(Files) ?? []).Select(f => new FileInfo(f)).ToList();
        if (files.FirstOrDefault(f => !f.Exists) is { } missing)
            throw new LauncherException(ExitCode.Configuration, $"There is no file {missing.FullName}.", "Name a usage file with --file; `throughline sample` writes one to try.");

        var options = new StackOptions(parsed.GetValue(CommandLine.State)!);
        using var signals = new Signals(isDetached: false);
        var conversation = new Conversation(parsed.GetValue(Question)!, files, parsed.GetValue(TimeZone), TimeProvider.System);
        try
        {
            var state = StateDirectory.At(options.State);
            if (parsed.GetValue(Origin) is { } origin)
                return await conversation.RunAsync(LoginPlace.Of(origin, state), state: null, signals.Stop);
            if (StateLock.ReadRunning(state) is not null)
                return await conversation.RunAsync(LoginPlace.OfState(state), state, signals.Stop);
            return await InOwnStackAsync(options, conversation, signals.Stop);
        }
        catch (ProtocolException e)
        {
            throw new LauncherException(ExitCode.Other, e.Title, e.Detail ?? (e.TraceId is null ? "Try again." : $"Try again; the trace is {e.TraceId}."));
        }
        catch (HttpRequestException e)
        {
            throw new LauncherException(ExitCode.Other, $"The stack does not answer: {e.Message}", "Look at it with: throughline status");
        }
    }

    private static async Task<int> InOwnStackAsync(StackOptions options, Conversation conversation, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("Starting Throughline for this question …");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var runner = new StackRunner(options, TimeProvider.System, ReportTrouble);
        var answered = ExitCode.Other;
        var stack = await runner.RunAsync(
            async () =>
            {
                var state = StateDirectory.At(options.State);
                answered = await conversation.RunAsync(LoginPlace.OfState(state), state, stop);
                await done.CancelAsync();
            },
            done.Token);
        return stack == ExitCode.Stopped ? answered : stack;
    }

    private static void ReportTrouble(StackEvent @event)
    {
        if (@event.State is not (ServiceState.Failed or ServiceState.Restarting))
            return;
        Console.Error.WriteLine($"{@event.Service}: {@event.Detail}");
        foreach (var line in @event.Lines ?? [])
            Console.Error.WriteLine($"  | {line}");
    }
}
