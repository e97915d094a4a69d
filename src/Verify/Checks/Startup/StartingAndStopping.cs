using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Startup;

/// <summary>Check 1, the life of a stack: starts among stale records and taken ports, is killed, starts again, stops.</summary>
internal sealed class StartingAndStopping : CheckPart
{
    /// <summary>The assertion that a service which comes back elsewhere is found there.</summary>
    public const string FollowsId = "startup.port.follows";

    /// <summary>What a refutation says of who does not.</summary>
    public const string DoesNotFollow = " does not find auth where it is now";

    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(40);
    private static readonly Assertion StaleDead = new("startup.stale.dead", "A stale record of a dead process is ignored and replaced", 30_000) { Deadline = StartDeadline };
    private static readonly Assertion StaleAlive = new("startup.stale.alive", "A stale record with the pid of a living other program is ignored and replaced");
    private static readonly Assertion After = new("startup.record.after", "A record appears only when its service answers and is ready");
    private static readonly Assertion Moved = new("startup.port.moved", "Where a preferred port is taken another is used, and discovery says so");
    private static readonly Assertion Clients = new("startup.port.clients", "Every client follows: through the public origin the right auth and the right backend answer");
    private static readonly Assertion Follows = new(FollowsId, "Every client follows a service that comes back from a kill on another port", 15_000) { Deadline = TimeSpan.FromSeconds(20) };
    private static readonly Assertion Children = new("startup.crash.children", "After a kill -9 of the launcher its services end, too", 15_000);
    private static readonly Assertion Next = new("startup.crash.next", "The next start after that works", 30_000) { Deadline = StartDeadline };
    private static readonly Assertion Stop = new("startup.stop.clean", "A stop ends with exit code 0 within 15 seconds", 15_000);
    private static readonly Assertion Sockets = new("startup.stop.sockets", "A stop tells who is connected to come back later, and closes with 1012");
    private static readonly Assertion Order = new("startup.stop.order", "Services stop in the order of the declared graph: whoever needs others before them");
    private static readonly Assertion Gone = new("startup.stop.children", "After a stop no process is left");
    private static readonly Assertion Ports = new("startup.stop.ports", "After a stop every port can be bound again");
    private static readonly Assertion Removed = new("startup.stop.records", "After a stop no discovery record is left");

    public override StackRole Stack => StackRole.None;

    public override IReadOnlyList<Assertion> Assertions { get; } = [StaleDead, StaleAlive, After, Moved, Clients, Follows, Children, Next, Stop, Sockets, Order, Gone, Ports, Removed];

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var state = run.Workshop.NewFolder();
        using var held = HoldPreferredPorts();
        Plant(state, run.Time);
        await using var first = run.Workshop.Begin(state, new StackSettings(), []);
        using var watch = new RecordWatch(state, run.Time);
        var watching = watch.RunAsync(cancellationToken);
        await run.MustAsync(StaleDead, async (probe, stop) =>
        {
            var ready = await first.ReadyAsync(stop);
            var auth = DiscoveryFiles.Read(state, "auth").FirstOrDefault() ?? throw new Refutation("auth has no record");
            probe.That(auth.Instance != PlantedDead, "the planted record of auth is still there");
            probe.That(ProcessIdentity.IsAlive(auth.Pid, auth.ProcessStartedAt), $"the record names process {auth.Pid}, which is gone");
            probe.Measure(ready.Member("elapsedMs").GetDouble(), StaleDead.LimitMs!.Value, "ms");
        }, cancellationToken);
        await watch.StopAsync(watching);
        await run.ShowAsync(StaleAlive, (probe, _) =>
        {
            var backend = DiscoveryFiles.Read(state, "backend").FirstOrDefault() ?? throw new Refutation("the backend has no record");
            probe.That(backend.Instance != PlantedAlive && backend.Pid != Environment.ProcessId, "the planted record of the backend is still there");
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(After, (probe, _) =>
        {
            probe.Equal("the services whose record was seen to appear", string.Join(", ", Services.Where(s => s != "store").Order()), string.Join(", ", watch.Seen.Keys.Where(s => s != "store").Order()));
            foreach (var (service, fault) in watch.Seen) probe.That(fault is null, $"the record of {service} appeared before it was ready: {fault}");
            return Task.CompletedTask;
        }, cancellationToken);
        await using (var system = new SystemUnderTest(run.Options, state, null, isOwn: true, new StackSettings()))
        {
            await run.ShowAsync(Moved, (probe, _) => MovedAsync(system, probe), cancellationToken);
            await run.ShowAsync(Clients, (probe, stop) => ClientsAsync(system, probe, stop), cancellationToken);
            await run.ShowAsync(Follows, (probe, stop) => FollowAsync(system, probe, stop), cancellationToken);
        }

        var killed = StackProcesses.Of(state);
        await run.ShowAsync(Children, async (probe, stop) =>
        {
            probe.That(killed.Alive.Count() >= Services.Length, "the launcher did not note its services");
            first.Kill();
            await killed.UntilGoneAsync(probe, stop);
        }, cancellationToken);
        await StopAsync(run, state, cancellationToken);
    }

    private static async Task StopAsync(CheckRun run, string state, CancellationToken cancellationToken)
    {
        await using var second = run.Workshop.Begin(state, new StackSettings(), []);
        await run.MustAsync(Next, async (probe, stop) => probe.Measure((await second.ReadyAsync(stop)).Member("elapsedMs").GetDouble(), Next.LimitMs!.Value, "ms"), cancellationToken);
        var running = StackProcesses.Of(state);
        await using var system = new SystemUnderTest(run.Options, state, null, isOwn: true, new StackSettings());
        var opened = ConnectAsync(system, cancellationToken);
        await ((Task)opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a stop can be shown without it
        await run.MustAsync(Stop, async (probe, stop) =>
        {
            var began = run.Time.GetTimestamp();
            second.AskToStop();
            probe.Equal("the exit code", 0, await second.WaitForExitAsync(stop));
            probe.Measure(run.Time.GetElapsedTime(began).TotalMilliseconds, Stop.LimitMs!.Value, "ms");
            second.NoteEnd("up, then stop");
        }, cancellationToken);
        await run.ShowAsync(Sockets, async (probe, stop) =>
        {
            await using var socket = await opened;
            await socket.UntilAsync("draining", f => ProbeSocket.TypeOf(f) == "draining", stop);
            probe.Equal("the close code", 1012, await socket.ClosedAsync(stop));
        }, cancellationToken);
        await run.ShowAsync(Order, (probe, _) =>
        {
            var stopped = second.Events.Select(e => e.Event).Where(e => string.Equals(e.FindText("state"), "stopping", StringComparison.OrdinalIgnoreCase)).Select(e => e.FindText("service") ?? "?");
            probe.Equal("the order in which services were stopped", string.Join(", ", run.Options.Graph.StopOrder), string.Join(", ", stopped));
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Gone, (probe, _) =>
        {
            probe.That(running.Children.Count >= Services.Length, "the launcher did not note its services");
            probe.Equal("the processes that are left", "", string.Join(", ", running.Alive.Select(a => $"{a.Name} {a.Pid}")));
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Ports, (probe, _) =>
        {
            running.RequireFree(probe);
            return Task.CompletedTask;
        }, cancellationToken);
        await run.ShowAsync(Removed, (probe, _) =>
        {
            probe.Equal("the records that are left", "", string.Join(", ", Services.Where(s => DiscoveryFiles.Read(state, s).Any())));
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task<ProbeSocket> ConnectAsync(SystemUnderTest system, CancellationToken cancellationToken) =>
        await (await system.Members.SignUpAsync("stopped", cancellationToken)).ConnectAsync(cancellationToken);

    private static Guid PlantedDead { get; } = Guid.CreateVersion7();

    private static Guid PlantedAlive { get; } = Guid.CreateVersion7();

    /// <summary>A record whose process is dead, and one whose pid is this program's: neither is the service that it names.</summary>
    private static void Plant(string state, TimeProvider time)
    {
        var folder = Directory.CreateDirectory(Path.Combine(state, DiscoveryFiles.Folder));
        if (!OperatingSystem.IsWindows()) folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var lease = time.GetUtcNow().AddMinutes(5);
        Write(new DiscoveryRecord("auth", PlantedDead, Guid.CreateVersion7(), 4_190_000, time.GetUtcNow().AddHours(-1), "127.0.0.1", 9, "http://127.0.0.1:9", null, "http://127.0.0.1:9/health/ready", "0.1.0", 1, [], lease, ProcessIdentity.Namespace));
        Write(new DiscoveryRecord("backend", PlantedAlive, Guid.CreateVersion7(), Environment.ProcessId, ProcessIdentity.StartedAt, "127.0.0.1", 9, "http://127.0.0.1:9", "ws://127.0.0.1:9/ws", "http://127.0.0.1:9/health/ready", "0.1.0", 1, [], lease, ProcessIdentity.Namespace));

        void Write(DiscoveryRecord record) => File.WriteAllText(
            Path.Combine(folder.FullName, $"{record.Service}.json"), JsonSerializer.Serialize(record, Contracts.WireJson.Default.DiscoveryRecord));
    }

    /// <summary>Whoever holds them already holds them for us.</summary>
    private static Held HoldPreferredPorts()
    {
        var held = new Held();
        foreach (var port in Held.Preferred)
        {
            var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                held.Listeners.Add(listener);
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }

        return held;
    }

    private static Task MovedAsync(SystemUnderTest system, Probe probe)
    {
        foreach (var service in Services)
        {
            var record = system.RecordOf(service) ?? throw new Refutation($"{service} has no record");
            probe.That(!Held.Preferred.Contains(record.Port), $"{service} says that it listens on {record.Port}, which another program holds");
            if (ListeningSockets.Of(record.Pid) is { } ports)
                probe.That(ports.Contains(record.Port), $"{service} says {record.Port}, and listens on {string.Join(", ", ports)}");
        }

        return Task.CompletedTask;
    }

    private static async Task ClientsAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        await ThroughAsync("auth", "/.well-known/jwks", 200);
        await ThroughAsync("backend", "/api/threads", 401);
        await ThroughAsync("frontend", "/", 200);

        Task ThroughAsync(string service, string path, int status) => PublicOriginAsync(system, probe, service, path, status, cancellationToken);
    }

    /// <summary>Another program takes auth's port while auth is dead, so it has to come back elsewhere.</summary>
    private static async Task FollowAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var before = Killing.RecordOf(system, "auth");
        Killing.Kill(probe, "auth", before);
        using var holder = new TcpListener(IPAddress.Loopback, before.Port);
        holder.Start();
        var moved = await Killing.UntilAnewAsync(system, probe, "auth", before, cancellationToken);
        probe.That(moved.Port != before.Port, $"auth says that it listens on {moved.Port}, which another program holds");
        await FindsAsync("backend", async () => (await system.LookAtHealthAsync("backend", cancellationToken)).FindText("status") == "healthy");
        await FindsAsync("frontend", async () => (await system.Web.GetAsync(new Uri(system.Frontend, "/.well-known/jwks"), null, cancellationToken)).Status == 200);
        await PublicOriginAsync(system, probe, "auth", "/.well-known/jwks", 200, cancellationToken);

        async Task FindsAsync(string client, Func<Task<bool>> finds)
        {
            try
            {
                await Waiting.UntilAsync(system.Time, finds, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{client}{DoesNotFollow}");
            }
        }
    }

    private static async Task PublicOriginAsync(SystemUnderTest system, Probe probe, string service, string path, int status, CancellationToken cancellationToken)
    {
        var answer = (await system.Web.GetAsync(new Uri(system.Frontend, path), null, cancellationToken)).Expect(status);
        probe.Equal($"the instance that answers {path} through the public origin", $"{system.RecordOf(service)?.Instance}", answer.Header("Throughline-Instance"));
    }

    private sealed class Held : IDisposable
    {
        public static readonly int[] Preferred = [3000, 8000, 8001, 6380];

        public List<TcpListener> Listeners { get; } = [];

        public void Dispose() => Listeners.ForEach(l => l.Dispose());
    }
}
