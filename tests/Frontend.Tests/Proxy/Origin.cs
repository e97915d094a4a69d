using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Throughline.Frontend.Tests.Proxy;

/// <summary>What stands behind the proxy: a server on loopback that tells what it got. The proxy is what is under test.</summary>
internal sealed class Origin : IAsyncDisposable
{
    public const string Instance = "01980000-0000-7000-8000-00000000abcd";

    private readonly WebApplication _app;

    private Origin(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    /// <summary>Lets <c>/api/stream</c> send its next event.</summary>
    public SemaphoreSlim NextEvent { get; } = new(0);

    public static async Task<Origin> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        var origin = new Origin(app);
        app.UseWebSockets();
        app.Use((context, next) =>
        {
            context.Response.Headers["Throughline-Instance"] = Instance;
            return next(context);
        });
        app.MapGet("/api/headers", (HttpContext context) => context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()));
        app.MapPost("/api/count", CountAsync);
        app.MapGet("/api/stream", origin.StreamAsync);
        app.Map("/ws", EchoOriginAsync);
        await app.StartAsync();
        return origin;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task CountAsync(HttpContext context)
    {
        long total = 0;
        var block = new byte[64 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(block, context.RequestAborted)) > 0)
            total += read;
        await context.Response.WriteAsync($"{total}", context.RequestAborted);
    }

    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        for (var id = 1; id <= 2; id++)
        {
            await NextEvent.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync($"id: {id}\ndata: {{}}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task EchoOriginAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("throughline.v1");
        await socket.SendAsync(Encoding.UTF8.GetBytes(context.Request.Headers.Origin.ToString()), WebSocketMessageType.Text, true, context.RequestAborted);
        await socket.CloseAsync((WebSocketCloseStatus)4004, "session revoked", context.RequestAborted);
    }
}
