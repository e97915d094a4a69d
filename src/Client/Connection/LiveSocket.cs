using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Throughline.Contracts;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>One open WebSocket: frames in, frames out in order through one sender.</summary>
internal sealed class LiveSocket(ClientWebSocket socket) : IAsyncDisposable
{
    /// <summary>The service closes with 1009 above this; protocol §4.</summary>
    public const int LongestFrame = 256 * 1024;

    private readonly Channel<byte[]> _outgoing = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private byte[] _buffer = new byte[16 * 1024];

    public static byte[] Encode(ClientFrame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, WireJson.Default.ClientFrame);

    /// <summary>Queues a frame. One that is queued when the socket breaks is lost: what must arrive is repeated by its owner.</summary>
    public void Send(byte[] frame) => _outgoing.Writer.TryWrite(frame);

    /// <summary>Sends what is queued, until the socket ends.</summary>
    public async Task SendQueuedAsync(CancellationToken cancellationToken)
    {
        await foreach (var frame in _outgoing.Reader.ReadAllAsync(cancellationToken))
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    /// <returns>The next frame; <c>null</c> when the service has closed, see <see cref="Closed"/>.</returns>
    public async Task<ServerFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            }
            catch (WebSocketException) when (socket.CloseStatus is not null)
            {
                return null; // in a browser, a close with a code of the protocol's own is thrown instead of received
            }

            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return JsonSerializer.Deserialize(_buffer.AsSpan(0, length), WireJson.Default.ServerFrame) ?? new ServerFrame();
        }
    }

    /// <summary>The service's close code and reason, after <see cref="ReceiveAsync"/> gave <c>null</c>.</summary>
    public (int? Code, string Reason) Closed => socket.CloseStatus is { } status
        ? ((int)status, socket.CloseStatusDescription is { Length: > 0 } reason ? reason : $"closed with {(int)status}")
        : (null, "the connection broke");

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await TrySayGoodbyeAsync();
        socket.Dispose();
    }

    // Politeness only: a peer that does not answer is left after a second.
    private async Task TrySayGoodbyeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            socket.Abort();
        }
    }
}
