using System.Net;
using System.Net.Sockets;

namespace Throughline.Testing.Chaos;

/// <summary>Stands between two services on loopback and does to their connections what networks do: late, slow, in pieces, cut short,
/// silent, reset. A change holds from the next byte on, for connections that are open too.</summary>
public sealed class ChaosProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ProxiedConnection> _open = [];
    private readonly Func<int?> _target;
    private readonly Tap? _tap;
    private readonly Task _accepting;
    private volatile Weather _weather = Weather.Fair;
    private int _connections;

    /// <param name="target">The port behind the proxy; null while there is none.</param>
    /// <param name="tap">Sees what passes, and may keep it from passing.</param>
    public ChaosProxy(Func<int?> target, Tap? tap = null)
    {
        (_target, _tap) = (target, tap);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public Weather Weather
    {
        get => _weather;
        set => _weather = value;
    }

    /// <summary>Ends every connection that is open now.</summary>
    /// <param name="reset">With RST, which also throws away what is under way, instead of FIN.</param>
    public void Cut(bool reset)
    {
        ProxiedConnection[] open;
        lock (_gate) open = [.. _open];
        foreach (var connection in open) connection.End(reset);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true) passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var connection = new ProxiedConnection(Interlocked.Increment(ref _connections), near, () => _weather, _tap, _stop.Token);
        lock (_gate) _open.Add(connection);
        try
        {
            if (_target() is { } port) await connection.RunAsync(port);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, so the other goes too.
        }
        finally
        {
            lock (_gate) _open.Remove(connection);
        }
    }
}
