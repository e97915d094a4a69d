using System.Buffers;
using System.Net.WebSockets;

namespace Throughline.Backend.Gateway;

/// <summary>Reads whole frames from a socket, in order. After a close was asked for it only waits for the peer's own close.</summary>
internal sealed class SocketReader(Connection connection, Func<ReadOnlyMemory<byte>, CancellationToken, Task> handle, TimeProvider time)
{
    private const int FirstBuffer = 4096;

    private static readonly TimeSpan FullRetry = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await ReceiveAsync(cancellationToken) is { } frame)
            {
                using (frame)
                {
                    if (connection.CloseReason is not null) continue;
                    await handle(frame.Bytes, cancellationToken);
                    // Answers pile up: whoever does not read is not read either.
                    while (connection.Outbox.IsFull && connection.CloseReason is null) await Task.Delay(FullRetry, time, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException or IOException)
        {
            // The peer is gone, or broke the framing; the WebSocket has answered the latter itself.
        }
    }

    /// <returns>Null once the peer closes.</returns>
    private async Task<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        // An idle socket holds no buffer: it waits with an empty read.
        var first = await connection.Socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        if (first.MessageType == WebSocketMessageType.Close) return null;
        if (first.EndOfMessage) return new ReceivedFrame(ArrayPool<byte>.Shared.Rent(1), 0); // a frame of no bytes is whole already

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var length = 0;
        try
        {
            while (true)
            {
                var part = await connection.Socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close) return null;
                length += part.Count;
                if (length > connection.Options.MaxFrameBytes)
                {
                    connection.Close(CloseReason.FrameTooBig);
                    length = 0; // the rest is read and thrown away, so that the close gets through
                }

                if (part.EndOfMessage)
                {
                    var frame = new ReceivedFrame(buffer, part.MessageType == WebSocketMessageType.Text ? length : 0);
                    buffer = null;
                    return frame;
                }

                if (length == buffer.Length) buffer = Grow(buffer, length);
            }
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private sealed class ReceivedFrame(byte[] buffer, int length) : IDisposable
    {
        public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
    }
}
