using System.Net.WebSockets;
using Throughline.Backend.Threads;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Gateway;

/// <summary>A connection's one sender: queued frames first; then, for threads in which it is behind, a page of the log.</summary>
internal sealed partial class SocketSender(Connection connection, ThreadLog log, GatewayMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int PageLength = 500;

    /// <summary>How long a peer that has stopped reading gets to take the close frame.</summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(30);

    /// <summary>Sends until the connection is to be closed or is lost, and then closes it.</summary>
    /// <param name="lost">The reader's end: the peer closed, or is gone.</param>
    public async Task RunAsync(CancellationToken lost)
    {
        await using var waking = lost.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), connection.Wake);
        try
        {
            while (connection.CloseReason is null)
            {
                lost.ThrowIfCancellationRequested();
                while (connection.Outbox.TryTake(out var frame))
                {
                    await SendAsync(frame.Bytes, lost);
                    if (frame.NumberedAt is { } at) metrics.SentLive(at);
                }

                if (connection.FindBehind() is { } subscription) await CatchUpAsync(subscription, lost);
                else await connection.Wake.WaitAsync();
            }

            if (connection.CloseReason.FlushesFirst)
                while (connection.Outbox.TryTake(out var frame)) await SendAsync(frame.Bytes, lost);
            await CloseAsync(connection.CloseReason);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException or IOException)
        {
            // The peer is gone. It resumes after the last seq it has.
        }
    }

    private async Task CatchUpAsync(Subscription subscription, CancellationToken lost)
    {
        List<LogEntry> page;
        try
        {
            page = await log.FollowAsync(subscription.Key, subscription.Cursor, subscription.Heard, PageLength, lost);
        }
        catch (LogGapException e)
        {
            connection.End(subscription, new ErrorFrame(e.Code, e.Message, subscription.Id));
            return;
        }

        foreach (var entry in page)
        {
            if (connection.CloseReason is not null) return;
            await SendAsync(entry.Frame, lost);
            metrics.SentFromLog();
            subscription.MovedTo(entry.Seq);
        }

        if (page.Count == 0) subscription.TryGoLive();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken lost)
    {
        // Without a token, which would cost a registration for each frame: when the connection is lost the socket is aborted, and that ends a send too.
        var sending = connection.Socket.SendAsync(frame, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
        return sending.IsCompletedSuccessfully ? sending : new ValueTask(WaitAsync(sending.AsTask(), lost));
    }

    private async Task WaitAsync(Task sending, CancellationToken lost)
    {
        try
        {
            await sending.WaitAsync(connection.Options.StallTimeout, time, lost);
        }
        catch (TimeoutException)
        {
            connection.Close(CloseReason.Stalled);
            Log.Stalled(logger, connection.Token.UserId, connection.Options.StallTimeout.TotalSeconds);
            await sending.WaitAsync(CloseGrace, time, lost); // a frame half sent cannot be taken back; the close comes after it
        }
    }

    private async Task CloseAsync(CloseReason reason)
    {
        using var limit = new CancellationTokenSource(CloseGrace, time);
        if (connection.Socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await connection.Socket.CloseOutputAsync((WebSocketCloseStatus)reason.Code, reason.Text, limit.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A socket of user {UserId} took nothing for {Seconds} s and is closed")]
        public static partial void Stalled(ILogger logger, Guid userId, double seconds);
    }
}
