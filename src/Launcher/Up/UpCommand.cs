using System.CommandLine;
using Spectre.Console;
using Throughline.Launcher.Stack;

namespace Throughline.Launcher.Up;

/// <summary><c>throughline up</c>: the stack in the foreground, until Ctrl-C.</summary>
internal static class UpCommand
{
    private const string PostgresVariable = "THROUGHLINE_POSTGRES";
    private const string RedisVariable = "THROUGHLINE_REDIS";

    public static Option<bool> FixedPorts { get; } = new("--fixed-ports") { Description = "Use exactly the ports 3000, 8000, 8001 and 6380; a taken one ends the start with exit code 5." };
    public static Option<string?> Postgres { get; } = new("--postgres")
    {
        Description = $"Keep the databases in this PostgreSQL instead of SQLite: a connection string or a postgres:// URL. Each service gets its own database. With a password, set {PostgresVariable} instead: others can read a command line.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(PostgresVariable),
    };

    public static Option<string?> Redis { get; } = new("--redis")
    {
        Description = $"Use this Redis or Valkey (host:port or redis://host:port) instead of the embedded store. With a password (redis://:password@host:port), set {RedisVariable} instead.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(RedisVariable),
    };

    public static Option<string?> Origin { get; } = new("--origin")
    {
        Description = "The address under which people reach it, such as https://spend.example.com. Later starts keep it; another one has everybody sign in anew. What it needs beside this: docs/hosting.md.",
    };

    public static Option<int> Nodes { get; } = new("--nodes") { Description = "How many backends to run.", DefaultValueFactory = _ => 1 };
    public static Option<bool> Json { get; } = new("--json") { Description = "Write one JSON object a line, for programs." };
    public static Option<bool> Detach { get; } = new("--detach") { Description = "Return when all is ready, and leave it running; stop it with: throughline down." };
    public static Option<bool> NoOpen { get; } = new("--no-open") { Description = "Do not open the browser." };

    public static IEnumerable<Option> Options => [Origin, FixedPorts, Postgres, Redis, Nodes, Json, Detach, NoOpen];

    public static Command Create()
    {
        var command = new Command("up", "Start everything, and stop it again on Ctrl-C. This is what happens without a command, too.");
        foreach (var option in Options)
            command.Options.Add(option);
        Nodes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 16)
                result.AddError("--nodes must lie between 1 and 16.");
        });
        Origin.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !PublicOrigin.TryRead(text, out _, out var fault))
                result.AddError($"--origin: {fault}");
        });
        command.SetAction(RunAsync);
        return command;
    }

    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new StackOptions(
            parsed.GetValue(CommandLine.State)!, parsed.GetValue(FixedPorts), parsed.GetValue(Postgres), parsed.GetValue(Redis), parsed.GetValue(Nodes),
            parsed.GetValue(Origin) is { } text && PublicOrigin.TryRead(text, out var origin, out _) ? origin : null);
        using var signals = new Signals(DetachedStart.IsDetached);
        using var reporter = ReporterFor(parsed.GetValue(Json));
        if (parsed.GetValue(Detach) && !DetachedStart.IsDetached)
            return await DetachedStart.RunAsync(ArgumentsOf(options), SecretsOf(options), reporter, signals.Stop);

        using var runner = new StackRunner(options, TimeProvider.System, reporter.Report);
        var opens = !parsed.GetValue(NoOpen) && !DetachedStart.IsDetached && AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
        return await runner.RunAsync(
            () =>
            {
                if (opens && runner.Url is { } url)
                    Browser.Open(url);
                return Task.CompletedTask;
            },
            signals.Stop);
    }

    /// <summary>The same stack again, for the launcher in the background, which always speaks JSON to this one.</summary>
    private static List<string> ArgumentsOf(StackOptions options)
    {
        List<string> arguments = ["up", "--json", "--no-open", "--state", Path.GetFullPath(options.State), "--nodes", $"{options.Nodes}"];
        if (options.FixedPorts)
            arguments.Add("--fixed-ports");
        if (options.Origin is { } origin)
            arguments.AddRange(["--origin", origin]);
        return arguments;
    }

    /// <summary>What may hold a password goes to the launcher in the background by its environment.</summary>
    private static Dictionary<string, string?> SecretsOf(StackOptions options) =>
        new() { [PostgresVariable] = options.Postgres, [RedisVariable] = options.Redis };

    private static IReporter ReporterFor(bool json) =>
        json ? new JsonReporter(Console.Out)
        : Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi ? new LineReporter(Console.Out)
        : new LiveTable(AnsiConsole.Console);
}
