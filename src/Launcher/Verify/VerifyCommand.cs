using System.CommandLine;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Up;
using Throughline.Verify;
using Throughline.Verify.Monitoring;
using Monitor = Throughline.Verify.Monitoring.Monitor;

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
    private static readonly Option<string?> Every = new("--every") { Description = "Run again and again, such as every 5m, until stopped: a monitor of the stack on --state, or of --target." };
    private static readonly Option<string?> WebhookAddress = new("--webhook") { Description = "With --every: where a change of state is posted; https, or http to this machine. Default: webhook in settings/verify.json." };
    private static readonly Option<string> Progress = new("--progress") { Description = "lines for people, or json: an object a line on standard output, and nothing else there.", DefaultValueFactory = _ => "lines" };
    private static readonly Option<bool> Disruptive = new("--disruptive") { Description = "Allow killing and restarting services of the target." };

    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    public static Command Create()
    {
        var command = new Command("verify", """
            Check every critical path of a running system: sign-up to answer, tokens, agents, sync, restarts, isolation, limits, recovery.

            Exit code 0: all works · 1: something is broken or blocked · 2: wrong usage · 3: a check itself failed, or a report could not be written · 4: the stack did not
            start · 5: nothing is broken, something is unknown.

            Examples:
              throughline verify                                       on a throw-away stack, which is gone afterwards
              throughline verify --state .throughline                  on the stack that runs there, without harming it
              throughline verify --only 4 --repeat 20                  one check, twenty times
              throughline verify --every 5m --webhook https://example.com/hook    watch the stack on .throughline
              throughline verify --format console,html,junit --out report
            """) { Target, Only, Repeat, Browser, Format, Out, Disruptive, Slack, Every, WebhookAddress, Progress };
        Browser.AcceptOnlyFromAmong("auto", "off");
        Progress.AcceptOnlyFromAmong("lines", "json");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var signals = new Signals(isDetached: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, signals.Stop);
        var period = parsed.GetValue(Every) is { } every ? Period.Parse(every) : (TimeSpan?)null;
        // A monitor watches what runs; without a period and without a folder everything happens on a throw-away stack.
        var isHere = parsed.GetResult(CommandLine.State) is { Implicit: false } || (period is not null && parsed.GetValue(Target) is null);
        var stateRoot = isHere ? StateDirectory.At(parsed.GetValue(CommandLine.State)!).Root : null;
        var formats = ReportFormats.Parse(parsed.GetValue(Format)!);
        var graph = ReadSettings(() => GraphFile.Load(stateRoot));
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
        var folder = new ReportFolder(parsed.GetValue(Out), stateRoot);
        var run = new VerifyRun(options, parsed.GetValue(Repeat), formats, folder, parsed.GetValue(Progress) == "json", stateRoot);
        try
        {
            if (period is { } apart) return await WatchAsync(run, folder, stateRoot, ReadSettings(() => MonitorSettings.Load(stateRoot, parsed.GetValue(WebhookAddress))), apart, stop.Token);
            if (options.StateRoot is { } root && StateLock.ReadRunning(StateDirectory.At(root)) is null)
                throw new LauncherException(VerifyExit.NotStarted, $"No stack runs on {root}.", $"Start it with: throughline up --detach --state '{root}' · or leave out --state for a throw-away stack.");
            // What some checks say is nothing about the rest: it is no state of the system.
            return (await run.RunAsync(isKept: options.Only.Count == 0, stop.Token))?.ExitCode ?? VerifyExit.Unknown;
        }
        catch (OperationCanceledException)
        {
            return VerifyExit.Unknown; // stopped: nothing was shown
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LauncherException.OfFiles(VerifyExit.NotStarted, e); // it says nothing of the system, as other exit codes would
        }
    }

    private static async Task<int> WatchAsync(VerifyRun run, ReportFolder folder, string? stateRoot, MonitorSettings settings, TimeSpan period, CancellationToken cancellationToken)
    {
        if (!folder.KeepsHistory) throw new LauncherException(VerifyExit.Usage, "There is no folder to keep reports in.", "Name one: --out DIR, or the state folder with --state.");
        if (stateRoot is not null && !File.Exists(Path.Combine(stateRoot, "state.json"))) throw new LauncherException(VerifyExit.Usage, $"{stateRoot} is no state folder.", "Name one with --state, or a public origin with --target.");
        using var webhook = settings.Webhook is { } address ? new Webhook(address, TimeProvider.System) : null;
        var monitor = new Monitor(stop => run.RunAsync(isKept: true, stop), folder.Kept, webhook, () => settings.Link ?? run.ProofPage(), Console.Error, TimeProvider.System);
        await monitor.RunAsync(period, cancellationToken);
        return VerifyExit.Working;
    }

    private static T ReadSettings<T>(Func<T> read)
    {
        try
        {
            return read();
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
