using System.Net.WebSockets;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.Backend.Limits;
using Throughline.Backend.Threads;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary><c>/ws</c>: refuses over HTTP what is no socket of ours, the rest with a close code on an accepted socket.</summary>
internal sealed class SocketEndpoint(
    ConnectionRegistry connections, SocketCredentials credentials, OwnOrigins origins, FrameHandler frames, MessageLimit limits, SocketLimit opens, Degradations degradations,
    GatewayMetrics metrics,
    ThreadHub hub, ThreadLog log, IRevocations revocations, ServiceIdentity identity, IOptions<GatewayOptions> options, TimeProvider time, ILogger<SocketSender> logger)
{
    public const string Protocol = "throughline.v1";

    /// <summary>RFC 6455 §7.1.5: no close was seen.</summary>
    private const int Abnormal = 1006;

    /// <summary>How long a peer gets to answer a close.</summary>
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(2);

    public async Task<IResult> AcceptAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return Problems.Of(StatusCodes.Status426UpgradeRequired, "upgrade_required", "This address takes WebSocket connections only.");
        }

        if (context.Request.Headers.Origin.Count > 0 && !await origins.AllowsAsync(context.Request, context.RequestAborted))
            return Problems.Of(StatusCodes.Status403Forbidden, "origin_not_allowed", "Pages of this origin may not connect.", "An operator can allow it with Gateway:Origins.");
        if (connections.IsDraining || connections.IsFull)
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The service takes no more connections just now.");
        }

        var (token, refusal) = await credentials.FindAsync(context);
        if (await opens.ChargeAsync(context, token) is { IsAllowed: false } verdict) return RateLimitFields.Refuse(context, verdict);

        // Not disposed: that resets the connection, and a close frame on its way would never arrive. It ends with this request.
        var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
        });
        LetGo(context);
        if (token is null) await RefuseAsync(socket, refusal!);
        else await ServeAsync(socket, token, context);
        return Results.Empty;
    }

    private async Task ServeAsync(WebSocket socket, AccessToken token, HttpContext context)
    {
        using var connection = new Connection(socket, token, options.Value, hub);
        connection.Send(await HelloAsync(token, context));
        connections.Add(connection);
        metrics.Opened();
        foreach (var degraded in degradations.Present) connection.Send(degraded);
        try
        {
            // Revoked between the check and the registration: nobody else would notice.
            if (revocations.IsRevoked(token)) connection.Close(CloseReason.SessionRevoked);
            await PumpAsync(connection, context.RequestAborted);
        }
        finally
        {
            connections.Remove(connection);
            metrics.Closed(connection.CloseReason is { } reason && (reason != CloseReason.Normal || socket.CloseStatus is not null) ? reason.Code : Abnormal);
        }
    }

    private async Task PumpAsync(Connection connection, CancellationToken aborted)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var tally = new FrameTally(time);
        var sending = new SocketSender(connection, log, metrics, time, logger).RunAsync(lost.Token);
        var reading = new SocketReader(connection, (json, stop) => frames.HandleAsync(connection, tally, json, stop), time).RunAsync(lost.Token);

        if (await Task.WhenAny(sending, reading) == reading)
        {
            // The peer closed, or is gone: answer its close and stop.
            connection.Close(CloseReason.Normal);
            await sending.WaitAsync(CloseWithin, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await reading.WaitAsync(CloseWithin, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!sending.IsCompleted || !reading.IsCompleted)
        {
            // Only now: a reset overtakes what is under way, such as the close frame that says what was wrong.
            await lost.CancelAsync();
            connection.Socket.Abort();
        }

        await Task.WhenAll(sending, reading);
    }

    /// <summary>A request that became a socket lasts for hours: what only its beginning needed, the token's text foremost, is not kept for so long.</summary>
    private static void LetGo(HttpContext context)
    {
        context.Request.Headers.Clear();
        context.Features.Set<AccessToken>(null);
        context.Features.Set<IAuthenticateResultFeature>(null);
        context.Features.Set<IHttpAuthenticationFeature>(null);
    }

    /// <summary>Closes an accepted socket, and reads on until the peer has taken the close: data left unread would reset the
    /// connection, and the peer would never see the code.</summary>
    private async Task RefuseAsync(WebSocket socket, CloseReason reason)
    {
        using var limit = new CancellationTokenSource(CloseWithin, time);
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)reason.Code, reason.Text, limit.Token);
            var buffer = new byte[1024];
            while ((await socket.ReceiveAsync(buffer.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The peer did not wait for it.
        }
    }

    private async Task<Hello> HelloAsync(AccessToken token, HttpContext context) =>
        new(1, identity.Instance, token.UserId, token.SessionId, options.Value.HeartbeatSeconds, await limits.StatesAsync(token.UserId, context, context.RequestAborted));
}
