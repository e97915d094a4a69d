using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>Opens sockets, one after the other, for as long as that makes sense, and says where it stands.</summary>
internal sealed class ReconnectLoop(
    Uri address, IAccessTokenSource tokens, ThreadFeeds feeds, PendingRequests pending, ThreadConnectionOptions options) : IAsyncDisposable
{
    private readonly Handshake _handshake = new(address, options);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _loop = Task.CompletedTask;
    private TaskCompletionSource _wake = NewSignal();
    private SocketSession? _session;
    private string? _refused; // the token that the service did not accept, until it accepts one

    public event Action<ConnectionState>? StateChanged;

    public event Action<ServerFrame>? Notice;

    public ConnectionState State { get; private set; } = new(ConnectionPhase.Idle);

    public void Start() => Use(() => { });

    /// <summary>Does something that needs the connection, which is running afterwards or about to.</summary>
    /// <exception cref="ProtocolException"><c>signed_out</c>.</exception>
    public void Use(Action action)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(ThreadConnection));
            if (State.Phase is ConnectionPhase.SignedOut)
                throw ProtocolException.SignedOut(State.Reason);
            action();
            // After 4008 using it again is the wish to have it back.
            if (State.Phase is ConnectionPhase.Idle or ConnectionPhase.Closed)
                Begin();
        }
    }

    public void ReconnectNow()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(ThreadConnection));
            switch (State.Phase)
            {
                case ConnectionPhase.Live:
                    _session?.Probe();
                    break;
                case ConnectionPhase.Connecting or ConnectionPhase.Reconnecting:
                    _wake.TrySetResult();
                    break;
                case ConnectionPhase.Idle or ConnectionPhase.SignedOut or ConnectionPhase.Closed:
                    Begin();
                    break;
            }
        }
    }

    public void Send(ClientFrame frame) => Volatile.Read(ref _session)?.Send(frame);

    public void Send(byte[] frame) => Volatile.Read(ref _session)?.Send(frame);

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested)
                _stop.Cancel();
            loop = _loop;
        }

        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a failure has gone to the readers
        FailAll(new ObjectDisposedException(nameof(ThreadConnection)));
        Show(new(ConnectionPhase.Closed, Reason: "disposed"));
    }

    private void Begin()
    {
        var before = _loop;
        State = new(ConnectionPhase.Connecting);
        _refused = null;
        _loop = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            StateChanged?.Invoke(State);
            try
            {
                await RunAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // disposed
            }
            catch (Exception unexpected)
            {
                // Nobody awaits the loop: those who wait for its results get the failure.
                FailAll(unexpected);
                Show(new(ConnectionPhase.Closed, Reason: unexpected.Message));
                throw;
            }
        });
    }

    private async Task RunAsync(CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (closed, token) = await ServeOnceAsync(stop);
            stop.ThrowIfCancellationRequested();
            if (closed.WasLive)
                attempt = 1;

            switch (closed.Meaning)
            {
                case CloseMeaning.SessionEnded:
                case CloseMeaning.TokenRefused when _refused is not null:
                    SignOut(closed);
                    return;
                case CloseMeaning.Superseded:
                    Show(new(ConnectionPhase.Closed, CloseCode: closed.Code, Reason: closed.Reason));
                    return;
                case CloseMeaning.TokenRefused:
                case CloseMeaning.TokenExpired when attempt == 1:
                    _refused = token;
                    Show(new(ConnectionPhase.Reconnecting, attempt, CloseCode: closed.Code, Reason: closed.Reason));
                    break;
                case CloseMeaning.TokenExpired:
                case CloseMeaning.Lost:
                    await WaitAsync(closed, attempt, stop);
                    break;
            }
        }
    }

    private async Task WaitAsync(SocketClosed closed, int attempt, CancellationToken stop)
    {
        var jitter = Backoff.Wait(options, attempt);
        // A draining service has jittered the time itself; Retry-After is the same for everybody.
        var wait = closed switch
        {
            { RetryAfter: { } asked, WasLive: true } => asked,
            { RetryAfter: { } asked } => asked + jitter,
            _ => jitter,
        };
        var wake = NewSignal();
        lock (_gate)
            _wake = wake;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var due = Task.Delay(wait, options.Time, waiting.Token); // under way before anybody hears of it
        Show(new(ConnectionPhase.Reconnecting, attempt, options.Time.GetUtcNow() + wait, closed.Code, closed.Reason));

        await Task.WhenAny(due, wake.Task);
        await waiting.CancelAsync();
        stop.ThrowIfCancellationRequested();
        Show(State with { NextAttemptAt = null });
    }

    private async Task<(SocketClosed Closed, string? Token)> ServeOnceAsync(CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        using var socket = new ClientWebSocket();
        string? token = null;
        try
        {
            token = _refused is { } refused ? await tokens.RenewAsync(refused, opening.Token) : await tokens.GetAsync(opening.Token);
            if (token is null)
                return (new(State.CloseCode, "signed out", HadNoToken: true), null);

            await using var live = await _handshake.OpenAsync(socket, token, opening.Token);
            return await live.ReceiveAsync(opening.Token) switch
            {
                Hello hello => await ServeAsync(live, hello, token, stop),
                null => (new(live.Closed.Code, live.Closed.Reason), token),
                _ => (new(null, "the service did not begin with hello"), token),
            };
        }
        catch (WebSocketException failure)
        {
            return (Handshake.Explain(socket, failure), token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (new(null, "no answer in time"), token);
        }
        catch (HttpRequestException unreachable)
        {
            return (new(null, unreachable.Message), token);
        }
        catch (ProtocolException refusal) when (!refusal.IsSignedOut)
        {
            return (new(null, refusal.Title, refusal.RetryAfter), token);
        }
        catch (ProtocolException signedOut)
        {
            return (new(null, signedOut.Title, HadNoToken: true), token);
        }
        catch (JsonException)
        {
            return (new(null, "the service did not begin with hello"), token);
        }
    }

    private async Task<(SocketClosed, string?)> ServeAsync(LiveSocket live, Hello hello, string token, CancellationToken stop)
    {
        using var session = new SocketSession(live, hello, token, tokens, feeds, pending, options);
        session.Notice += frame => Notice?.Invoke(frame);
        // First reachable, then resumed: what is asked in between goes out twice, never not at all.
        Volatile.Write(ref _session, session);
        _refused = null;
        try
        {
            Show(new(ConnectionPhase.Live, Hello: hello));
            return (await session.ServeAsync(stop), session.Token);
        }
        finally
        {
            lock (_gate)
                _session = null;
        }
    }

    private void SignOut(SocketClosed closed)
    {
        Show(new(ConnectionPhase.SignedOut, CloseCode: closed.Code, Reason: closed.Reason));
        FailAll(ProtocolException.SignedOut(closed.Reason));
    }

    private void FailAll(Exception why)
    {
        pending.FailAll(why);
        feeds.FailAll(why);
    }

    private void Show(ConnectionState state)
    {
        lock (_gate)
            State = state;
        StateChanged?.Invoke(state);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
