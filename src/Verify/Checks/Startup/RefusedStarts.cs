using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Startup;

/// <summary>Check 1, starts that must not succeed: they end with the right exit code, say why, and leave nothing behind.</summary>
internal sealed class RefusedStarts : CheckPart
{
    private static readonly int[] PreferredPorts = [3000, 8000, 8001, 6380];
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(25);
    private static readonly Assertion Fixed = new("startup.port.fixed", "With fixed ports a taken one ends the start with exit code 5 and its holder's pid and name") { Deadline = Within };
    private static readonly Assertion Failing = new("startup.failing.told", "A service that cannot start ends the launcher with a code that is not 0, and shows its last log lines") { Deadline = Within };
    private static readonly Assertion Nothing = new("startup.failing.nothing_left", "A start that failed leaves no process behind");
    private static readonly Assertion Mismatch = new("startup.mismatch.refused", "Auth and backend with different signing material: the start is refused with exit code 3 and names both") { Deadline = Within };

    public override StackRole Stack => StackRole.None;

    public override IReadOnlyList<Assertion> Assertions { get; } = [Fixed, Failing, Nothing, Mismatch];

    public override Task RunAsync(CheckRun run, CancellationToken cancellationToken) => CheckRun.AtOnceAsync(
        () => run.ShowAsync(Fixed, (probe, stop) => FixedAsync(run, probe, stop), cancellationToken),
        () => ShowFailingAsync(run, cancellationToken),
        () => run.ShowAsync(Mismatch, async (probe, stop) =>
        {
            var (stack, code) = await StartAsync(run, "backend", """{ "JWT_SECRET_KEY": "a-secret-that-auth-does-not-hold-0123456789" }""", stop);
            probe.Equal("the exit code", ExitCode.SigningMismatch, code);
            var said = string.Join('\n', stack.Lines);
            probe.That(said.Contains("auth", StringComparison.Ordinal) && said.Contains("backend", StringComparison.Ordinal), "what was said does not name auth and backend");
            probe.Equal("the processes that are left", "", string.Join(", ", StackProcesses.StartedBy(stack).Alive.Select(a => $"{a.Name} {a.Pid}")));
        }, cancellationToken));

    private static async Task FixedAsync(CheckRun run, Probe probe, CancellationToken cancellationToken)
    {
        // Held by us, unless somebody else holds it already.
        using var listener = TryListen(8000);
        var state = run.Workshop.NewFolder();
        await using var stack = run.Workshop.Begin(state, new StackSettings(), ["--fixed-ports"]);
        var code = await stack.WaitForExitAsync(cancellationToken);
        stack.NoteEnd("up --fixed-ports");
        probe.Equal("the exit code", ExitCode.Port, code);
        var said = string.Join('\n', stack.Lines);
        var holders = PreferredPorts.Select(ListeningSockets.HolderOf).OfType<(int Pid, string Name)>().ToList();
        probe.That(holders.Any(h => said.Contains($"{h.Pid}", StringComparison.Ordinal) && said.Contains(h.Name, StringComparison.Ordinal)), "what was said names no holder's pid and name");
    }

    private static async Task ShowFailingAsync(CheckRun run, CancellationToken cancellationToken)
    {
        StackProcesses? left = null;
        await run.MustAsync(Failing, async (probe, stop) =>
        {
            var (stack, code) = await StartAsync(run, "backend", """{ "Limits": { "Window": "never" } }""", stop);
            left = StackProcesses.StartedBy(stack);
            probe.That(code != 0, "the exit code is 0");
            var failed = stack.Events.Select(e => e.Event).FirstOrDefault(e => e.FindText("event") == "failed");
            probe.That(failed.ValueKind == JsonValueKind.Object, "the launcher did not tell that it failed");
            probe.Equal("the service that failed", "backend", failed.FindText("service"));
            var lines = failed.Find("lines") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Select(l => l.GetString() ?? "").ToList() : [];
            probe.That(lines.Any(l => l.Contains("Limits:Window", StringComparison.Ordinal)), $"its last lines do not say what is wrong: {string.Join(" | ", lines.TakeLast(3))}");
        }, cancellationToken);
        await run.ShowAsync(Nothing, (probe, _) =>
        {
            probe.That(left!.Children.Count > 0, "it started no process");
            probe.Equal("the processes that are left", "", string.Join(", ", left!.Alive.Select(a => $"{a.Name} {a.Pid}")));
            return Task.CompletedTask;
        }, cancellationToken);
    }

    /// <summary>Starts a stack in which one service is told something else.</summary>
    private static async Task<(OwnStack Stack, int Code)> StartAsync(CheckRun run, string service, string settings, CancellationToken cancellationToken)
    {
        var state = run.Workshop.NewFolder();
        var path = ServiceSettings.PathOf(state, service);
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, settings, cancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var stack = run.Workshop.Begin(state, new StackSettings(), []);
        var code = await stack.WaitForExitAsync(cancellationToken);
        stack.NoteEnd("up");
        return (stack, code);
    }

    private static System.Net.Sockets.TcpListener? TryListen(int port)
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (System.Net.Sockets.SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
