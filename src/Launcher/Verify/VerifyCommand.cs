using System.CommandLine;
using Spectre.Console;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Up;
using Throughline.Verify;
using Throughline.Verify.Reports;

namespace Throughline.Launcher.Verify;

/// <summary><c>throughline verify</c>: shows on real, running services that every critical path works, or what broke it.</summary>
internal static class VerifyCommand
{
    private static readonly Option<string?> Target = new("--target") { Description = "Public origin of a running system, such as https://spend.example.com. Left out, with --state: the stack that runs there; without: a throw-away stack." };
    private static readonly Option<string?> Only = new("--only") { Description = "Numbers of the checks to run, such as 4 or 2,4,9." };
    private static readonly Option<int> Repeat = new("--repeat") { Description = "How often to run; an assertion that fails once has failed.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Browser = new("--browser") { Description = "auto or off: whether the journey is made in a browser, too.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> Format = new("--format") { Description = "console, md, html, json, junit, ctrf; several with commas. Files go to --out.", DefaultValueFactory = _ => "console" };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The folder that reports are written to. Default: verify/ in the state folder, or here." };
    private static readonly Option<double> Slack = new("--slack") { Description = "Multiplies limits of time, for a machine that is busy with other things; the report says so.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> Disruptive = new("--disruptive") { Description = "Allow killing and restarting services of the target." };

    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    public static Command Create()
    {
        var command = new Command("verify", """
            Check every critical path of a running system: sign-up to answer, tokens, agents, sync, restarts, isolation, limits, recovery.

            Exit code 0: all works · 1: something is broken or blocked · 2: wrong usage · 3: a check itself failed · 4: the stack did not
            start · 5: nothing is broken, something is unknown.

            Examples:
              throughline verify                                       on a throw-away stack, which is gone afterwards
              throughline verify --state .throughline                  on the stack that runs there, without harming it
              throughline verify --only 4 --repeat 20                  one check, twenty times
              throughline verify --format console,html,junit --out report
            """) { Target, Only, Repeat, Browser, Format, Out, Disruptive, Slack };
        Browser.AcceptOnlyFromAmong("auto", "off");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var signals = new Signals(isDetached: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, signals.Stop);
        var stateRoot = parsed.GetResult(CommandLine.State) is { Implicit: false } ? StateDirectory.At(parsed.GetValue(CommandLine.State)!).Root : null;
        var formats = ReportFormats.Parse(parsed.GetValue(Format)!);
        var graph = ReadGraph(stateRoot);
        var options = new VerifyOptions(Self())
        {
            StateRoot = parsed.GetValue(Target) is null ? stateRoot : null,
            Origin = OriginOf(parsed.GetValue(Target)),
            MayDisrupt = parsed.GetValue(Disruptive),
            Only = NumbersOf(parsed.GetValue(Only), graph),
            WithBrowser = parsed.GetValue(Browser) != "off",
            Graph = graph,
            Slack = Math.Clamp(parsed.GetValue(Slack), 1, 100),
            Programs = Services.ToDictionary(s => s, ServiceSpec.Locate),
        };
        if (options.StateRoot is { } root && StateLock.ReadRunning(StateDirectory.At(root)) is null)
            throw new LauncherException(VerifyExit.NotStarted, $"No stack runs on {root}.", $"Start it with: throughline up --detach --state '{root}' · or leave out --state for a throw-away stack.");
        var folder = new ReportFolder(parsed.GetValue(Out), stateRoot);
        try
        {
            return await RunAsync(options, parsed.GetValue(Repeat), formats, folder, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return VerifyExit.Unknown; // stopped: nothing was shown
        }
    }

    private static async Task<int> RunAsync(VerifyOptions options, int repeat, ReportFormats formats, ReportFolder folder, CancellationToken cancellationToken)
    {
        var results = new List<VerifyResult>();
        for (var i = 0; i < Math.Max(1, repeat) && (i == 0 || !cancellationToken.IsCancellationRequested); i++)
        {
            await using var progress = new LiveProgress(AnsiConsole.Console, options.Time);
            results.Add(await Verification.RunAsync(options, progress, cancellationToken));
        }

        var result = Repetition.Merge(options.Graph, options.Diagnosis, results);
        var history = folder.History;
        var context = new ReportContext(options.Graph, [.. history.Read().TakeLast(History.Shown)], Proofs(history));
        if (folder.KeepsHistory) history.Add(History.EntryOf(result));
        foreach (var writer in formats.Files)
        {
            var path = folder.PathOf(writer.FileName);
            await File.WriteAllTextAsync(path, writer.Write(result, context), CancellationToken.None);
            await Console.Error.WriteLineAsync($"Wrote {path}");
        }

        if (formats.IsForConsole) ConsoleReport.Write(result, AnsiConsole.Console);
        return result.ExitCode;
    }

    /// <summary>When each check was last seen to fail: for a fault of prove's, else by itself.</summary>
    private static Dictionary<string, SeenFailing> Proofs(History history)
    {
        var last = new Dictionary<string, SeenFailing>(History.LastFailures(history.Read()));
        foreach (var (check, seen) in new ProofFile(ProofFile.Home).Read()) last[check] = seen;
        return last;
    }

    private static ProofGraph ReadGraph(string? stateRoot)
    {
        try
        {
            return GraphFile.Load(stateRoot);
        }
        catch (GraphException e)
        {
            throw new LauncherException(VerifyExit.Usage, e.Message, "Its shape is described by graph.schema.json; without the file the built-in one is used.");
        }
    }

    private static Uri? OriginOf(string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https" ? new Uri(origin.GetLeftPart(UriPartial.Authority))
        : throw new LauncherException(VerifyExit.Usage, $"'{text}' is no origin.", "Give scheme, host and port, such as --target https://spend.example.com");

    private static HashSet<int> NumbersOf(string? text, ProofGraph graph)
    {
        var numbers = new HashSet<int>();
        foreach (var part in text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
            numbers.Add(graph.Checks.FirstOrDefault(c => c.Id == part || $"{c.Number}" == part)?.Number
                ?? throw new LauncherException(VerifyExit.Usage, $"There is no check '{part}'.", $"The checks are: {string.Join(", ", graph.Checks.Select(c => $"{c.Number} {c.Id}"))}."));
        return numbers;
    }

    /// <summary>This program again, for the stacks that verify starts.</summary>
    internal static LauncherProgram Self()
    {
        var own = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(own).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? new LauncherProgram(own, [typeof(VerifyCommand).Assembly.Location])
            : new LauncherProgram(own, []);
    }
}
