using System.Net.Sockets;
using System.Text;

namespace Throughline.Bench.Sockets.Client;

/// <summary>One client of one server, who follows one stream and notices what is missing.</summary>
internal abstract class Follower(Uri server, int stream, Crowd crowd) : IDisposable
{
    private RawSocket? _socket;
    private Task _reading = Task.CompletedTask;

    /// <summary>The number of the last event that came.</summary>
    public long Last { get; private set; }

    /// <summary>Events that were left out before the last one.</summary>
    public long Lost { get; private set; }

    /// <summary>Events that came again.</summary>
    public long Repeated { get; private set; }

    protected Uri Server => server;

    protected Crowd Crowd => crowd;

    protected string Token { get; } = Members.TokenOf(stream);

    public static Follower Create(string kind, Uri server, int stream, Crowd crowd, bool resumes) => kind switch
    {
        "throughline" => new ThroughlineFollower(server, stream, crowd),
        "signalr" => new SignalRFollower(server, stream, crowd, resumes),
        "socketio" => new SocketIoFollower(server, stream, crowd, resumes),
        "kestrel" or "flood" => new PlainFollower(server, stream, crowd),
        _ => throw new ArgumentException($"There is no client for '{kind}'.", nameof(kind)),
    };

    /// <summary>Connects, authenticates, and follows on from <see cref="Last"/>; done when the server has said so.</summary>
    public async Task OpenAsync()
    {
        _socket = await ConnectAsync();
        _reading = ReadAsync(_socket);
    }

    /// <summary>Says what came, as a client of this kind does now and then.</summary>
    public virtual ValueTask AcknowledgeAsync() => ValueTask.CompletedTask;

    /// <summary>Ends the connection without a word, and waits until nothing can come of it.</summary>
    public async Task CutAsync()
    {
        _socket?.Cut();
        await _reading;
    }

    public void Dispose() => _socket?.Dispose();

    protected abstract Task<RawSocket> ConnectAsync();

    /// <summary>Looks at a message; events in it are found by all kinds alike.</summary>
    protected virtual ValueTask OnMessageAsync(RawSocket socket, ReadOnlyMemory<byte> message)
    {
        Take(message.Span);
        return ValueTask.CompletedTask;
    }

    protected void Take(ReadOnlySpan<byte> message)
    {
        while (Event.TryFind(ref message, out var timestamp, out var number))
        {
            if (number <= Last) Repeated++;
            else
            {
                Lost += number - Last - 1;
                Last = number;
            }

            crowd.Count(timestamp);
        }
    }

    protected ValueTask SendAsync(string text) => _socket is { } socket ? socket.SendAsync(text) : ValueTask.CompletedTask;

    /// <summary>Reads until a message begins so; events that come before are taken.</summary>
    protected async Task<string> UntilAsync(RawSocket socket, string beginning)
    {
        while (await socket.ReceiveAsync() is { } message)
        {
            var text = Encoding.UTF8.GetString(message.Span);
            if (text.StartsWith(beginning, StringComparison.Ordinal)) return text;
            await OnMessageAsync(socket, message);
        }

        throw new HttpRequestException($"The server closed before it said {beginning}.");
    }

    private async Task ReadAsync(RawSocket socket)
    {
        try
        {
            while (await socket.ReceiveAsync() is { } message) await OnMessageAsync(socket, message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or the end.
        }
    }
}

/// <summary>Raw Kestrel, and the flood: events as they are.</summary>
internal sealed class PlainFollower(Uri server, int stream, Crowd crowd) : Follower(server, stream, crowd)
{
    protected override Task<RawSocket> ConnectAsync() => RawSocket.OpenAsync(Server, "/ws", Token);
}

/// <summary>The product's protocol: <c>hello</c>, then <c>thread.subscribe</c> after the last seq. Each frame's seq must be its event's number.</summary>
internal sealed class ThroughlineFollower(Uri server, int stream, Crowd crowd) : Follower(server, stream, crowd)
{
    protected override async Task<RawSocket> ConnectAsync()
    {
        var socket = await RawSocket.OpenAsync(Server, "/ws", Token, "throughline.v1");
        await UntilAsync(socket, "{\"type\":\"hello\"");
        if (!Crowd.Follows) return socket;
        await socket.SendAsync($$"""{"type":"thread.subscribe","threadId":"{{Members.ThreadId}}","after":{{Last}}}""");
        await UntilAsync(socket, "{\"type\":\"subscribed\"");
        return socket;
    }
}
