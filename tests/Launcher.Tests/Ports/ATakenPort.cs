using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Throughline.Launcher.Ports;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Ports;

public sealed class ATakenPort
{
    [Fact]
    public async Task Is_replaced_by_the_next_free_one()
    {
        var stop = TestContext.Current.CancellationToken;
        using var holders = new PortHolders(3000, 8000, 8001, 6380);
        using var state = new TestState();
        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);

        var ports = new[] { "frontend", "backend", "auth", "store" }.Select(s => stack.RecordOf(s).Port).ToList();
        Assert.DoesNotContain(ports, p => p is 3000 or 8000 or 8001 or 6380);
        Assert.All(ports, p => Assert.InRange(p, 1024, 32767));
        Assert.Equal(0, await stack.Launcher.StopAsync(stop));
    }

    [Fact]
    public async Task Ends_a_start_with_fixed_ports_and_its_holder_is_named()
    {
        var stop = TestContext.Current.CancellationToken;
        using var holders = new PortHolders(3000);
        using var state = new TestState();
        var (code, _, errors) = await Launched.RunAsync(["up", "--fixed-ports", "--no-open", "--state", state.Root], stop);

        Assert.Equal(5, code);
        // Another program may hold another of the ports; the one that we hold for sure is ours, if it is the one named.
        Assert.Matches(@"Port \d+ is held by process \d+ \(.+\)", errors);
        if (errors.Contains("Port 3000", StringComparison.Ordinal) && holders.Held.Contains(3000))
            Assert.Contains($"process {Environment.ProcessId} ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_not_given_by_two_launchers_that_start_at_once()
    {
        var stop = TestContext.Current.CancellationToken;
        using var first = new TestState();
        using var second = new TestState();
        var stacks = await Task.WhenAll(new[] { first, second }.Select(state => LaunchedStack.StartAsync(state, [], null, stop)));
        try
        {
            foreach (var stack in stacks)
            {
                // A service whose port was gone when it came to listen would have been started once more, as another process.
                var pids = stack.Launcher.Output.Where(line => LaunchedStack.EventOf(line) == "service").Select(line => JsonElement.Parse(line))
                    .Select(e => (Service: e.GetProperty("service").GetString()!, Pid: e.GetProperty("pid").GetInt32())).Distinct().ToList();
                Assert.Equal(["auth", "backend", "frontend", "store"], pids.Select(p => p.Service).Order());
                var issuer = JsonElement.Parse(await File.ReadAllTextAsync(stack.State.PathOf("state.json"), stop)).GetProperty("issuer").GetString();
                Assert.Equal($"http://localhost:{stack.RecordOf("frontend").Port}", issuer);
            }
        }
        finally
        {
            foreach (var stack in stacks) await stack.DisposeAsync();
        }
    }

    [Fact]
    public async Task Is_left_alone_while_another_launcher_has_it_for_a_service_that_starts_again()
    {
        using var launcher = new PortAllocator(isFixed: false);
        var port = launcher.Take(24_000);
        using var enough = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                using var other = new PortAllocator(isFixed: false);
                Assert.NotEqual(port, other.Take(port));
            }
        }, TestContext.Current.CancellationToken);

        // To look whether a port is free is to listen there: a service that came at that moment would find it taken, and move.
        for (var start = 0; start < 2_000; start++)
        {
            using var service = new TcpListener(IPAddress.Loopback, port);
            service.Start();
        }

        await enough.CancelAsync();
        await others;
    }

    /// <summary>Holds the ports that nobody else holds already: either way they are taken.</summary>
    private sealed class PortHolders : IDisposable
    {
        private readonly List<TcpListener> _listeners = [];

        public PortHolders(params int[] ports)
        {
            foreach (var port in ports)
            {
                var listener = new TcpListener(IPAddress.Loopback, port);
                try
                {
                    listener.Start();
                    _listeners.Add(listener);
                }
                catch (SocketException)
                {
                    listener.Dispose(); // taken by another program, which serves as well
                }
            }
        }

        public IEnumerable<int> Held => _listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port);

        public void Dispose() => _listeners.ForEach(l => l.Dispose());
    }
}
