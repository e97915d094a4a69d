using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify;

/// <summary>How a socket shows who it is.</summary>
internal enum Carrier
{
    None,
    Header,
    Subprotocol,
    Ticket,
}

/// <summary>A socket that speaks the protocol by hand, so that nothing is hidden by a client that heals itself.</summary>
internal sealed class ProbeSocket : IAsyncDisposable
{
    /// <summary>Why a socket is refuted that had to be refused.</summary>
    public const string Greeted = "it is let in: the socket was greeted";

    /// <summary>Where a close is waited for in vain.</summary>
    public const string StayedOpen = "the socket stayed open";

    private readonly ClientWebSocket _socket = new();
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<(JsonElement Frame, long At)> _frames = [];
    private readonly Uri _url;
    private readonly string _carrier;
    private readonly string? _sent;
    private readonly DateTimeOffset _at;
    private readonly long _began;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private string? _error;
    private ExchangeFailure? _failure;

    private ProbeSocket(Uri url, string carrier, string? sent, TimeProvider time)
    {
        (_url, _carrier, _sent, _time) = (url, carrier, sent, time);
        (_at, _began) = (time.GetUtcNow(), time.GetTimestamp());
    }

    /// <summary>Whose token opened it, where that is a user who can be asked for.</summary>
    public Member? Owner { get; set; }

    public int? HttpStatus { get; private set; }

    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    public string? Protocol => _socket.SubProtocol;

    public bool IsOpen => _socket.State == WebSocketState.Open && !_reading.IsCompleted;

    public TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Frames in the order they came.</summary>
    public IReadOnlyList<JsonElement> Frames
    {
        get
        {
            lock (_gate) return [.. _frames.Select(f => f.Frame)];
        }
    }

    /// <summary>Connects, as far as that goes: an upgrade that is refused leaves <see cref="HttpStatus"/>, anything else is thrown.</summary>
    /// <param name="credential">Token or ticket.</param>
    /// <param name="sent">What is wrong with the credential, for the evidence.</param>
    public static async Task<ProbeSocket> OpenAsync(
        Uri url, Carrier carrier, string? credential, TimeProvider time, CancellationToken cancellationToken, string? sent = null, Action<ClientWebSocketOptions>? configure = null)
    {
        var target = carrier == Carrier.Ticket ? new UriBuilder(url) { Query = $"ticket={Uri.EscapeDataString(credential ?? "")}" }.Uri : url;
        var probe = new ProbeSocket(url, carrier.ToString().ToLowerInvariant(), sent, time);
        var options = probe._socket.Options;
        options.AddSubProtocol("throughline.v1");
        options.CollectHttpResponseDetails = true;
        options.Proxy = null;
        if (carrier == Carrier.Header) options.SetRequestHeader("Authorization", $"Bearer {credential}");
        if (carrier == Carrier.Subprotocol) options.AddSubProtocol($"bearer.{credential}");
        configure?.Invoke(options);
        try
        {
            await probe._socket.ConnectAsync(target, cancellationToken);
        }
        catch (WebSocketException e) when (probe._socket.HttpStatusCode != 0)
        {
            probe.HttpStatus = (int)probe._socket.HttpStatusCode;
            probe._error = e.Message;
            probe.Note();
            return probe;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            (probe._failure, probe._error) = (Web.FailureOf(e is WebSocketException { InnerException: { } inner } ? inner : e), e.Message);
            probe.Note();
            throw;
        }

        probe._reading = probe.ReadAsync();
        return probe;
    }

    /// <summary>Notes how the connection stands now as evidence of the running assertion.</summary>
    public void Note() => Probe.Current?.Add(Describe());

    public SocketExchange Describe()
    {
        var frames = Frames;
        var hello = frames.FirstOrDefault(f => TypeOf(f) == "hello");
        var isGreeted = hello.ValueKind == JsonValueKind.Object;
        Guid? Id(string name) => isGreeted && Guid.TryParse(hello.FindText(name), out var id) ? id : null;
        return new SocketExchange(
            _at, _url.AbsoluteUri, _carrier, _sent, HttpStatus, CloseCode, CloseText, _failure, _error, new Answerer("backend", Id("instance")), Id("userId"),
            Math.Round(Elapsed.TotalMilliseconds, 1), frames.Count, [.. frames.Where(f => TypeOf(f) == "error").Select(f => f.FindText("code") ?? "?")]);
    }

    public Task SendAsync(JsonObject frame, CancellationToken cancellationToken) => SendTextAsync(frame.ToJsonString(), cancellationToken);

    public async Task SendTextAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or ObjectDisposedException)
        {
            Note();
            throw new Refutation($"the socket took no frame: {e.Message}{(CloseCode is { } code ? $" (closed with {code} {CloseText})" : "")}");
        }
    }

    /// <summary>The first frame, from the beginning, that satisfies the condition.</summary>
    /// <exception cref="Refutation">The socket closed before.</exception>
    public async Task<JsonElement> UntilAsync(string what, Func<JsonElement, bool> isWanted, CancellationToken cancellationToken)
    {
        var seen = 0;
        try
        {
            while (true)
            {
                Task next;
                lock (_gate)
                {
                    next = _next.Task;
                    for (; seen < _frames.Count; seen++)
                        if (isWanted(_frames[seen].Frame)) return _frames[seen].Frame;
                    if (_reading.IsCompleted)
                        throw new Refutation(CloseCode is { } code ? $"the socket closed with {code} ({CloseText}) before {what}" : $"the connection broke before {what}");
                }

                await Task.WhenAny(next, _reading).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Note();
            throw new TimeoutException($"{what} did not come; the last frame was {(Frames is [.., var last] ? Describe(last) : "none")}");
        }
        catch (Refutation)
        {
            Note();
            throw;
        }
    }

    public async Task<JsonElement> HelloAsync(CancellationToken cancellationToken) => await UntilAsync("hello", f => TypeOf(f) == "hello", cancellationToken);

    /// <summary>The answer to the frame with this id: <c>ack</c>, <c>subscribed</c>, <c>pong</c> or <c>error</c>.</summary>
    public async Task<JsonElement> AnswerToAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await UntilAsync($"an answer to {id}", f => TypeOf(f) is not "event" && f.FindText("id") == id, cancellationToken);
        Probe.Current?.IsLoggedAs(TypeOf(answer) == "error" ? id : answer.FindText("runId"));
        return answer;
    }

    public async Task<JsonElement> AskAsync(JsonObject frame, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7().ToString();
        frame["id"] ??= id;
        await SendAsync(frame, cancellationToken);
        return await AnswerToAsync(frame["id"]!.GetValue<string>(), cancellationToken);
    }

    /// <summary>The close code that the service sends.</summary>
    /// <exception cref="Refutation">The connection broke without one.</exception>
    public async Task<int> ClosedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _reading.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Note();
            throw new TimeoutException(StayedOpen);
        }

        Note();
        return CloseCode ?? throw new Refutation("the connection broke without a close");
    }

    /// <summary>The close code of a socket that must not be let in; a greeting is not waited out.</summary>
    /// <exception cref="Refutation">It was greeted.</exception>
    public async Task<int> RefusedAsync(CancellationToken cancellationToken)
    {
        Task first;
        lock (_gate) first = _frames.Count > 0 ? Task.CompletedTask : _next.Task;
        Task either = Task.WhenAny(first, _reading);
        await either.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what ends it here ends the wait below
        if (!Frames.Any(f => TypeOf(f) == "hello")) return await ClosedAsync(cancellationToken);
        Note();
        throw new Refutation(Greeted);
    }

    /// <summary>When a frame came, for measuring.</summary>
    public TimeSpan? CameAfter(Func<JsonElement, bool> isWanted, long since)
    {
        lock (_gate)
            foreach (var (frame, at) in _frames)
                if (isWanted(frame)) return _time.GetElapsedTime(since, at);
        return null;
    }

    public IReadOnlyList<JsonElement> EventsOf(string threadId) => [.. Frames.Where(f => TypeOf(f) == "event" && f.FindText("threadId") == threadId)];

    /// <summary>Drops the connection without a close.</summary>
    public void Drop() => _socket.Abort();

    public static string? TypeOf(JsonElement frame) => frame.FindText("type");

    public static string? EventTypeOf(JsonElement frame) => TypeOf(frame) == "event" ? frame.Find("event")?.FindText("type") : null;

    public static string? RunOf(JsonElement frame) => frame.Find("event")?.Find("metadata")?.Find("throughline")?.FindText("runId");

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    return;
                }

                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(message.ToArray());
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Bytes that are no frame are another thing than an end.
            (_failure, _error) = (e is WebSocketException { WebSocketErrorCode: WebSocketError.Faulted } ? ExchangeFailure.Protocol : ExchangeFailure.Reset, e.Message);
        }
        catch (JsonException e)
        {
            (_failure, _error) = (ExchangeFailure.Protocol, e.Message);
        }
    }

    private void Take(byte[] message)
    {
        var frame = JsonElement.Parse(message);
        lock (_gate)
        {
            _frames.Add((frame, _time.GetTimestamp()));
            _next.TrySetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static string Describe(JsonElement frame) => EventTypeOf(frame) is { } type ? $"event {frame.Number("seq")} ({type})"
        : TypeOf(frame) == "error" ? $"the error {frame.FindText("code")}"
        : TypeOf(frame) ?? "of no type";
}
