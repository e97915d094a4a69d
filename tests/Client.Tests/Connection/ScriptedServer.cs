using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Throughline.Client.Tests.Connection;

/// <summary>A socket server on loopback that does what a test tells it: Kestrel and real sockets, written from the protocol alone.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<ServerSocket> _accepted = Channel.CreateUnbounded<ServerSocket>();

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First().Replace("http://", "ws://", StringComparison.Ordinal) + "/ws");

    /// <summary>Status to refuse handshakes with, and its Retry-After; <c>null</c> accepts.</summary>
    public (int Status, int RetryAfterSeconds)? Refuse { get; set; }

    public int Handshakes { get; private set; }

    public static async Task<ScriptedServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        var app = builder.Build();
        app.UseWebSockets();
        var server = new ScriptedServer(app);
        app.Map("/ws", server.AcceptAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>The next socket that a client opens.</summary>
    public async Task<ServerSocket> AcceptedAsync(CancellationToken stop) => await _accepted.Reader.ReadAsync(stop);

    /// <summary>The next socket, greeted.</summary>
    public async Task<ServerSocket> GreetedAsync(CancellationToken stop, int heartbeatSeconds = 60)
    {
        var socket = await AcceptedAsync(stop);
        await socket.SendAsync($$"""{"type":"hello","protocol":1,"instance":"{{Guid.NewGuid()}}","userId":"{{Guid.NewGuid()}}","sessionId":"{{Guid.NewGuid()}}","heartbeatSeconds":{{heartbeatSeconds}},"limits":[]}""", stop);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AcceptAsync(HttpContext context)
    {
        Handshakes++;
        if (Refuse is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.Headers.RetryAfter = $"{refusal.RetryAfterSeconds}";
            return;
        }

        var webSocket = await context.WebSockets.AcceptWebSocketAsync("throughline.v1");
        var socket = new ServerSocket(webSocket, context);
        await _accepted.Writer.WriteAsync(socket);
        await using var broken = context.RequestAborted.Register(socket.Leave);
        await socket.Gone;
    }
}

/// <summary>The server's end of one socket.</summary>
internal sealed class ServerSocket(WebSocket socket, HttpContext context)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[512 * 1024];

    public Task Gone => _gone.Task;

    public void Leave() => _gone.TrySetResult();

    public string? Authorization { get; } = context.Request.Headers.Authorization;

    public IList<string> Protocols { get; } = [.. context.WebSockets.WebSocketRequestedProtocols];

    public string Query { get; } = context.Request.QueryString.Value ?? "";

    public Task SendAsync(string frame, CancellationToken stop) =>
        socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, stop);

    public Task EventAsync(string threadId, long seq, CancellationToken stop) =>
        SendAsync($$$"""{"type":"event","threadId":"{{{threadId}}}","seq":{{{seq}}},"event":{"type":"STEP_STARTED","stepName":"n{{{seq}}}"}}""", stop);

    /// <summary>The next frame of the client that is no ping.</summary>
    public async Task<JsonNode> ReceiveAsync(CancellationToken stop)
    {
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(), stop);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("The client closed.");
            var frame = JsonNode.Parse(_buffer.AsSpan(0, part.Count))!;
            if ((string?)frame["type"] != "ping")
                return frame;
        }
    }

    /// <summary>The next ping, whatever comes before it.</summary>
    public async Task PingedAsync(CancellationToken stop)
    {
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(), stop);
            using var frame = JsonDocument.Parse(_buffer.AsMemory(0, part.Count));
            if (frame.RootElement.GetProperty("type").GetString() == "ping")
                return;
        }
    }

    public async Task CloseAsync(int code, string reason, CancellationToken stop)
    {
        try
        {
            // Until the client has answered: a connection that ends with frames unread is reset, and the code lost on the way.
            await socket.CloseAsync((WebSocketCloseStatus)code, reason, stop);
        }
        catch (WebSocketException)
        {
            // The client has left without an answer.
        }

        _gone.TrySetResult();
    }

    /// <summary>Breaks the line without a word.</summary>
    public void Cut()
    {
        context.Abort();
        _gone.TrySetResult();
    }
}
