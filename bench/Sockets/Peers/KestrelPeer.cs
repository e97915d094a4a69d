using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>The floor in .NET: a bounded channel and one sender for each socket, on Kestrel's own WebSockets.</summary>
internal sealed class KestrelPeer : IPeer
{
    private readonly ConcurrentDictionary<Channel<byte[]>, byte> _sockets = new();

    public Task MapAsync(WebApplication app)
    {
        app.Map("/ws", async context =>
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync();
            var waiting = Channel.CreateBounded<byte[]>(1024);
            _sockets[waiting] = 0;
            try
            {
                var sending = SendAsync(socket, waiting.Reader, context.RequestAborted);
                while (socket.State == WebSocketState.Open) await socket.ReceiveAsync(Memory<byte>.Empty, context.RequestAborted);
                waiting.Writer.Complete();
                await sending;
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // The client is done.
            }
            finally
            {
                _sockets.TryRemove(waiting, out _);
            }
        });
        return Task.CompletedTask;
    }

    public async ValueTask PublishAsync()
    {
        var bytes = Event.Now();
        foreach (var socket in _sockets.Keys) await socket.Writer.WriteAsync(bytes);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task SendAsync(WebSocket socket, ChannelReader<byte[]> waiting, CancellationToken cancellationToken)
    {
        await foreach (var bytes in waiting.ReadAllAsync(cancellationToken)) await socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Text, true, cancellationToken);
    }
}
