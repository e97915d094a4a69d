using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Verify.Checks.Startup;

/// <summary>The processes of a stack as its launcher noted them, and the ports that they hold.</summary>
internal sealed record StackProcesses(IReadOnlyList<(string Name, int Pid, DateTimeOffset StartedAt)> Children, IReadOnlyList<int> Ports)
{
    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];

    /// <summary>Every process that a launcher told of, also where it has ended and left no file.</summary>
    public static StackProcesses StartedBy(OwnStack stack) => new(
        [.. stack.Events.Select(e => e.Event).Where(e => e.Find("pid") is { ValueKind: JsonValueKind.Number }).Select(e => (Name: e.FindText("service") ?? "?", Pid: (int)e.Number("pid"))).Distinct()
            .Select(c => (c.Name, c.Pid, ProcessIdentity.StartOf(c.Pid) is { } start && start >= stack.StartedAt.AddSeconds(-2) ? start : DateTimeOffset.UnixEpoch))], []);

    /// <summary>Reads what <c>launcher.json</c> and the discovery records say now.</summary>
    public static StackProcesses Of(string state) =>
        new(ChildrenOf(state), [.. Services.SelectMany(s => DiscoveryFiles.Read(state, s)).Select(r => r.Port)]);

    /// <summary>The processes alone, as <c>launcher.json</c> names them now.</summary>
    public static IReadOnlyList<(string Name, int Pid, DateTimeOffset StartedAt)> ChildrenOf(string state)
    {
        var path = Path.Combine(state, "launcher.json");
        return File.Exists(path)
            ? [.. JsonElement.Parse(File.ReadAllBytes(path)).Items("children").Select(c => (c.Text("name"), (int)c.Number("pid"), c.Member("processStartedAt").GetDateTimeOffset()))]
            : [];
    }

    public IEnumerable<(string Name, int Pid)> Alive => Children.Where(c => ProcessIdentity.IsAlive(c.Pid, c.StartedAt)).Select(c => (c.Name, c.Pid));

    /// <summary>Waits until all have ended; the caller's deadline is the limit.</summary>
    public async Task UntilGoneAsync(Probe probe, CancellationToken cancellationToken)
    {
        foreach (var (name, pid, startedAt) in Children)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                if (ProcessIdentity.IsAlive(pid, startedAt)) await process.WaitForExitAsync(cancellationToken);
            }
            catch (ArgumentException)
            {
                // Gone already.
            }
            catch (OperationCanceledException)
            {
                probe.Add(new ProcessLook(probe.Now, name, pid, true, ProcessIdentity.StateOf(pid)));
                throw new Refutation($"{name} (process {pid}) is still there");
            }
        }
    }

    /// <summary>Requires that every port can be bound again.</summary>
    public void RequireFree(Probe probe)
    {
        probe.That(Ports.Count > 0, "no ports are known");
        foreach (var port in Ports)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
            }
            catch (SocketException)
            {
                var holder = ListeningSockets.HolderOf(port);
                throw new Refutation($"port {port} cannot be bound: {(holder is { } h ? $"process {h.Pid} ({h.Name}) holds it" : "somebody holds it")}");
            }
        }
    }
}
