using System.Net;
using System.Net.Sockets;
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
