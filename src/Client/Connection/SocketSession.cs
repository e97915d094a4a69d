using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>One socket from <c>hello</c> to its end: resumes what was open, receives, keeps heart and token alive.</summary>
internal sealed class SocketSession(
    LiveSocket socket, Hello hello, string token, IAccessTokenSource tokens, ThreadFeeds feeds, PendingRequests pending, ThreadConnectionOptions options)
    : IDisposable
{
    private const int SilentHeartbeats = 3;

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _work = [];
    private string _token = token;
    private TimeSpan? _drainWait;
    private string? _lost;
    private int _heard;

    public event Action<ServerFrame>? Notice;

    /// <summary>The token that the service knows, after renewals on the open socket.</summary>
    public string Token => _token;

    public void Send(byte[] frame) => socket.Send(frame);

    public void Send(ClientFrame frame) => socket.Send(LiveSocket.Encode(frame));

    public async Task<SocketClosed> ServeAsync(CancellationToken stop)
    {
        using var stopping = stop.Register(_end.Cancel);
        Begin(SendQueuedAsync());
        Begin(BeatAsync());
        foreach (var subscription in feeds.SubscribeAll())
            Send(subscription);
        foreach (var frame in pending.Repeat())
            Send(frame);

        var closed = await ReceiveAsync();
        await _end.CancelAsync();
        Task[] work;
        lock (_gate)
            work = [.. _work];
        await Task.WhenAll(work);
        return closed with { WasLive = true, RetryAfter = _drainWait };
    }

    /// <summary>Checks now that the other side still answers, instead of at the next heartbeats: after sleep, or a change of network.</summary>
    public void Probe() => Begin(ProbeAsync());

    public void Dispose() => _end.Dispose();

    private async Task<SocketClosed> ReceiveAsync()
    {
        try
        {
            while (await socket.ReceiveAsync(_end.Token) is { } frame)
            {
                Volatile.Write(ref _heard, 1);
                Handle(frame);
            }

            return new(socket.Closed.Code, socket.Closed.Reason);
        }
        catch (OperationCanceledException)
        {
            return new(null, _lost ?? "stopped");
        }
        catch (WebSocketException broken)
        {
            return new(null, _lost ?? broken.Message);
        }
        catch (JsonException unreadable)
        {
            return new(null, $"the service sent what is no frame: {unreadable.Message}");
        }
    }

    private void Handle(ServerFrame frame)
    {
        switch (frame)
        {
            case ThreadEvent entry:
                if (feeds.Offer(entry) is { } missing)
                    Send(missing);
                break;
            case Subscribed subscribed:
                feeds.Confirm(subscribed);
                break;
            case Ack ack:
                pending.TryAnswer(ack);
                break;
            case ErrorFrame error:
                Refuse(error);
                break;
            case TokenExpiring:
                Begin(RenewTokenAsync());
                break;
            case Draining draining:
                _drainWait = TimeSpan.FromMilliseconds(draining.ReconnectAfterMs);
                Notice?.Invoke(draining);
                break;
            case Degraded or Recovered:
                Notice?.Invoke(frame);
                break;
        }
    }

    private void Refuse(ErrorFrame error)
    {
        if (pending.TryRefuse(error) || feeds.Refused(error) is not { } threadId)
            return;
        if (error.Code is "rate_limited" or "unavailable" or "internal")
            Begin(SubscribeLaterAsync(threadId, error.RetryAfterMs));
        else
            feeds.Fail(threadId, ProblemReader.Read(error));
    }

    private async Task SubscribeLaterAsync(string threadId, long? retryAfterMs)
    {
        await Task.Delay(retryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : Backoff.Bound(options, 3), options.Time, _end.Token);
        if (feeds.SubscribeAgain(threadId) is { } again)
            Send(again);
    }

    private async Task RenewTokenAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Without another token the socket stays open to its end (4003); then the connection finds out that it is signed out.
                if (await tokens.RenewAsync(_token, _end.Token) is not { } renewed)
                    return;
                _token = renewed;
                Send(new RefreshToken(renewed) { Id = $"t{attempt}" });
                return;
            }
            catch (Exception unreachable) when (unreachable is HttpRequestException or ProtocolException)
            {
                await Task.Delay(Backoff.Wait(options, attempt + 2), options.Time, _end.Token);
            }
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, hello.HeartbeatSeconds)), options.Time);
        var silent = 0;
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            silent = Interlocked.Exchange(ref _heard, 0) == 0 ? silent + 1 : 0;
            if (silent >= SilentHeartbeats)
            {
                Lose($"silent for {silent} heartbeats");
                return;
            }

            Send(new Ping());
        }
    }

    private async Task ProbeAsync()
    {
        Volatile.Write(ref _heard, 0);
        Send(new Ping());
        await Task.Delay(options.ProbeTimeout, options.Time, _end.Token);
        if (Volatile.Read(ref _heard) == 0)
            Lose("no answer to a ping");
    }

    private async Task SendQueuedAsync()
    {
        try
        {
            await socket.SendQueuedAsync(_end.Token);
        }
        catch (Exception broken) when (broken is WebSocketException or InvalidOperationException)
        {
            Lose(broken.Message);
        }
    }

    private void Lose(string why)
    {
        _lost = why;
        _end.Cancel();
    }

    // Work beside receiving ends with the socket, and ServeAsync waits for it.
    private void Begin(Task work)
    {
        lock (_gate)
        {
            _work.RemoveAll(done => done.IsCompletedSuccessfully);
            _work.Add(UntilTheEnd(work));
        }
    }

    private async Task UntilTheEnd(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // the socket has ended
        }
    }
}
