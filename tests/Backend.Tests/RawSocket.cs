using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>A socket that speaks the protocol by hand, so that what our own client would hide is seen.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _frames = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    private RawSocket()
    {
    }

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    public string? Protocol => _socket.SubProtocol;

    public static async Task<RawSocket> OpenAsync(Uri url, Action<ClientWebSocketOptions> configure, CancellationToken cancellationToken)
    {
        var raw = new RawSocket();
        raw._socket.Options.AddSubProtocol("throughline.v1");
        configure(raw._socket.Options);
        await raw._socket.ConnectAsync(url, cancellationToken);
        raw._reading = raw.ReadAsync();
        return raw;
    }

    public static Task<RawSocket> OpenAsync(Platform platform, TestUser user, CancellationToken cancellationToken) =>
        OpenAsync(platform.WebSocket, options => options.SetRequestHeader("Authorization", $"Bearer {user.AccessToken}"), cancellationToken);

    public static Task<RawSocket> OpenAsync(Services services, Member member, CancellationToken cancellationToken) =>
        OpenAsync(new Uri(services.Backend.Record.WsUrl!), options => options.SetRequestHeader("Authorization", $"Bearer {member.AccessToken}"), cancellationToken);

    public IReadOnlyList<JsonElement> Frames
    {
        get
        {
            lock (_gate) return [.. _frames];
        }
    }

    public Task SendAsync(object frame, CancellationToken cancellationToken) => SendTextAsync(JsonSerializer.Serialize(frame), cancellationToken);

    public Task SendTextAsync(string text, CancellationToken cancellationToken) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, cancellationToken);

    /// <summary>The first frame, from the beginning, that satisfies the condition.</summary>
    public async Task<JsonElement> UntilAsync(string what, Func<JsonElement, bool> isWanted, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within);
        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _next.Task;
                foreach (var frame in _frames)
                    if (isWanted(frame)) return frame;
            }

            if (_reading.IsCompleted) throw new InvalidOperationException($"The socket closed ({CloseStatus}) before {what}.");
            try
            {
                await Task.WhenAny(next, _reading).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"No {what} within {Within.TotalSeconds} s; last: {(Frames is [.., var last] ? last.ToString() : "none")}");
            }
        }
    }

    public Task<JsonElement> HelloAsync(CancellationToken cancellationToken) => UntilAsync("hello", f => TypeOf(f) == "hello", cancellationToken);

    public async Task<int> ClosedAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(Within, cancellationToken);
        return (int?)CloseStatus ?? throw new InvalidOperationException("The connection was lost without a close.");
    }

    /// <summary>Asks and returns the acknowledgement.</summary>
    public async Task<JsonElement> StartAsync(string id, object input, CancellationToken cancellationToken)
    {
        await SendAsync(new { type = "run.start", id, input }, cancellationToken);
        return await UntilAsync($"answer to {id}", f => TypeOf(f) is "ack" or "error" && f.TryGetProperty("id", out var i) && i.GetString() == id, cancellationToken);
    }

    public Task<JsonElement> EndOfAsync(string runId, CancellationToken cancellationToken) =>
        UntilAsync($"the end of {runId}", f => TypeOf(f) == "event" && EventType(f) is "RUN_FINISHED" or "RUN_ERROR" && RunOf(f) == runId, cancellationToken);

    public IReadOnlyList<JsonElement> EventsOf(string threadId) =>
        [.. Frames.Where(f => TypeOf(f) == "event" && f.GetProperty("threadId").GetString() == threadId)];

    /// <summary>Follows the thread from its beginning.</summary>
    public Task FollowAsync(string threadId, CancellationToken cancellationToken) =>
        SendAsync(new { type = "thread.subscribe", id = $"follow-{threadId}", threadId, after = 0 }, cancellationToken);

    /// <summary>The frame that answers the one with this id.</summary>
    public Task<JsonElement> AnswerToAsync(string id, CancellationToken cancellationToken) =>
        UntilAsync($"answer to {id}", f => TypeOf(f) is not "event" && f.TryGetProperty("id", out var i) && i.GetString() == id, cancellationToken);

    public static string? TypeOf(JsonElement frame) => frame.TryGetProperty("type", out var type) ? type.GetString() : null;

    public static string? EventType(JsonElement frame) => TypeOf(frame.GetProperty("event"));

    public static string? RunOf(JsonElement frame) => frame.GetProperty("event").GetProperty("metadata").GetProperty("throughline").GetProperty("runId").GetString();

    public static long SeqOf(JsonElement frame) => frame.GetProperty("seq").GetInt64();

    public static object Input(string text, string? threadId = null, string? runId = null, params Guid[] fileIds)
    {
        var input = new Dictionary<string, object> { ["messages"] = new[] { new { id = $"m-{text.Length}", role = "user", content = text } } };
        if (threadId is not null) input["threadId"] = threadId;
        if (runId is not null) input["runId"] = runId;
        if (fileIds.Length > 0) input["forwardedProps"] = new { fileIds };
        return input;
    }

    /// <summary>Drops the connection without a close.</summary>
    public void Drop() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
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
                Add(JsonElement.Parse(message.ToArray()));
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Dropped, by us or by the server: ClosedAsync tells.
        }
    }

    private void Add(JsonElement frame)
    {
        lock (_gate)
        {
            _frames.Add(frame);
            _next.TrySetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
