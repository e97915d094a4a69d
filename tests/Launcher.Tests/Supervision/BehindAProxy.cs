using System.Net;
using System.Net.Sockets;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

/// <summary>A machine whose way out is a proxy, named in the environment without an exception for the machine itself.</summary>
public sealed class BehindAProxy(BehindAProxy.Running running) : IClassFixture<BehindAProxy.Running>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stack_starts_and_answers_without_it()
    {
        var (code, output, errors) = await Launched.RunAsync(["ask", "What can you do?", "--state", running.State.Root], Stop, running.Proxied);

        Assert.True(code == 0, errors);
        Assert.NotEmpty(output);
        Assert.False(running.WasAsked, "The proxy was asked for this machine.");
    }

    [Fact]
    public async Task What_lies_elsewhere_is_asked_for_through_it()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var asking = Launched.RunAsync(["login", "--origin", "https://throughline.invalid"], Stop, Running.Through(proxy));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using (var client = await proxy.AcceptTcpClientAsync(limit.Token))
        {
            using var reader = new StreamReader(client.GetStream());
            Assert.Contains("throughline.invalid", await reader.ReadLineAsync(limit.Token), StringComparison.Ordinal);
        }

        proxy.Stop();
        Assert.NotEqual(0, (await asking).ExitCode);
    }

    /// <summary>The proxy listens, and answers nobody.</summary>
    public sealed class Running : Platform
    {
        private readonly TcpListener _proxy = new(IPAddress.Loopback, 0);

        public Running() => _proxy.Start();

        public IReadOnlyDictionary<string, string> Proxied => Through(_proxy);

        public bool WasAsked => _proxy.Pending();

        protected override IReadOnlyDictionary<string, string> Environment => Proxied;

        public static Dictionary<string, string> Through(TcpListener proxy)
        {
            var address = $"http://{proxy.LocalEndpoint}";
            return new() { ["HTTP_PROXY"] = address, ["HTTPS_PROXY"] = address, ["ALL_PROXY"] = address, ["NO_PROXY"] = "" };
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _proxy.Dispose();
        }
    }
}
