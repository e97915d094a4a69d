using System.Net;
using System.Net.Sockets;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>Listens where forged tokens say that keys can be fetched, and counts who comes.</summary>
internal sealed class TrapListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
    private int _visits;

    public TrapListener()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Visits => Volatile.Read(ref _visits);

    /// <summary>The control: a visit is seen.</summary>
    public async Task AssertCatchesAsync(CancellationToken cancellationToken)
    {
        var before = Visits;
        using var visitor = new TcpClient();
        await visitor.ConnectAsync(Address.Host, Address.Port, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        while (Visits == before) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var visitor = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _visits);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
