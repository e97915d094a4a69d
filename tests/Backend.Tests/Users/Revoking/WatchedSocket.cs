using System.Diagnostics;
using System.Net.WebSockets;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Revoking;

/// <summary>An open socket of which nothing is asked but when it closes, and how.</summary>
internal sealed class WatchedSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[4096];

    private WatchedSocket()
    {
    }

    /// <summary>Ends with the socket: the close code, and <see cref="Stopwatch.GetTimestamp"/> at that moment.</summary>
    public Task<(int? Code, long At)> Closed { get; private set; } = null!;

    public bool IsOpen => !Closed.IsCompleted;

    public static async Task<WatchedSocket> OpenAsync(ServiceProcess backend, string token, CancellationToken cancellationToken)
    {
        var watched = new WatchedSocket();
        watched._socket.Options.AddSubProtocol("throughline.v1");
        watched._socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await watched._socket.ConnectAsync(new Uri(backend.Record.WsUrl!), cancellationToken);
        var hello = await watched._socket.ReceiveAsync(watched._buffer.AsMemory(), cancellationToken);
        Assert.Equal(WebSocketMessageType.Text, hello.MessageType);
        watched.Closed = watched.WatchAsync();
        return watched;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await Closed;
        _socket.Dispose();
    }

    private async Task<(int? Code, long At)> WatchAsync()
    {
        try
        {
            while ((await _socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }

            var at = Stopwatch.GetTimestamp();
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            return ((int?)_socket.CloseStatus, at);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return (null, Stopwatch.GetTimestamp()); // dropped: no close code
        }
    }
}
