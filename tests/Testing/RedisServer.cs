using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Throughline.Testing;

/// <summary>A throw-away Redis on a free loopback port, without persistence.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly int _port = Machine.FreePort();
    private Process? _process;

    /// <summary><c>host:port</c>.</summary>
    public string Address => $"127.0.0.1:{_port}";

    public async ValueTask InitializeAsync()
    {
        var program = Machine.Require("Redis", "redis-server");
        _process = Process.Start(new ProcessStartInfo(program, ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null"]))
            ?? throw new InvalidOperationException("redis-server did not start.");
        await WaitUntilItAnswersAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Sends one command, its words apart by spaces, and requires that it is taken.</summary>
    public async Task CommandAsync(string command, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Equal("+OK", await reader.ReadLineAsync(cancellationToken));
    }

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", _port, deadline.Token);
                return;
            }
            catch (SocketException) when (_process is { HasExited: false })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }
        }
    }
}
