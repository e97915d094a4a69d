using System.Net;
using System.Net.Sockets;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

public sealed class TakenPort
{
    [Theory]
    [InlineData("auth")]
    [InlineData("store")]
    public async Task Ends_a_service_that_must_have_it(string service)
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        using var state = new TestState().WithSecrets();
        await new Mistake("port taken", service, 5, $"{port}", "Listen:Port") { Environment = new Dictionary<string, string> { ["Listen__Port"] = $"{port}" } }
            .ExplainedAsync(state, TestContext.Current.CancellationToken);
    }
}
