using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>The floor in .NET: a bounded channel and one sender for each socket, on Kestrel's own WebSockets.</summary>
internal sealed class KestrelPeer : IPeer
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Channel<byte[]>, byte>> _sockets = new();

    public KestrelPeer(WebApplication app) => app.Map("/ws", ServeAsync);

    public Task PrepareAsync(int streams) => Task.CompletedTask;

    public async ValueTask PublishAsync(int stream, long number)
    {
        var bytes = Event.Create(number);
        if (!_sockets.TryGetValue(Members.IdOf(stream), out var sockets)) return;
        foreach (var (socket, _) in sockets) await socket.Writer.WriteAsync(bytes);
    }

    public Task FlushAsync() => Task.CompletedTask;

    public Task<string> AnswerAsync(string[] command) => throw new NotSupportedException();

    private async Task ServeAsync(HttpContext context)
    {
        var user = Guid.Parse(context.User.FindFirstValue(ClaimTypes.NameIdentifier)!);
        var socket = await context.WebSockets.AcceptWebSocketAsync();
        var waiting = Channel.CreateBounded<byte[]>(1024);
        var own = _sockets.GetOrAdd(user, _ => new());
        own[waiting] = 0;
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
            own.TryRemove(waiting, out _);
        }
    }

    private static async Task SendAsync(WebSocket socket, ChannelReader<byte[]> waiting, CancellationToken cancellationToken)
    {
        await foreach (var bytes in waiting.ReadAllAsync(cancellationToken)) await socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Text, true, cancellationToken);
    }
}
