using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Throughline.Client.Problems;
using Throughline.Client.Runs;
using Throughline.Client.Tokens;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Contracts.Traces;

namespace Throughline.Client.Connection;

/// <summary>The live connection: asks questions, and reads threads as they grow. It heals itself.</summary>
/// <remarks>
/// One connection serves any number of threads and callers. It opens at its first use. A lost line, a restart of the service
/// (1012), falling behind (4009) and an expired token (4003) are not errors: it reconnects with back-off and full jitter, resumes
/// every thread after the last event it let through, and repeats what was not acknowledged. It gives up only when the sign-in has
/// ended (4001, 4002 with a fresh token, 4004): readers and requests then end with <c>signed_out</c>. Safe for use by many callers.
/// </remarks>
public sealed class ThreadConnection : IAsyncDisposable
{
    private readonly ThreadConnectionOptions _options;
    private readonly ThreadFeeds _feeds = new();
    private readonly PendingRequests _pending = new();
    private readonly ReconnectLoop _loop;

    /// <param name="socket">E.g. <c>ws://localhost:3000/ws</c>, or <c>ws_url</c> of a discovery record.</param>
    /// <param name="tokens">Who is asking.</param>
    public ThreadConnection(Uri socket, IAccessTokenSource tokens, ThreadConnectionOptions? options = null)
    {
        _options = options ?? new ThreadConnectionOptions();
        _loop = new ReconnectLoop(socket, tokens, _feeds, _pending, _options);
        _loop.StateChanged += state => StateChanged?.Invoke(state);
        _loop.Notice += frame => NoticeReceived?.Invoke(frame);
    }

    /// <summary>Where the connection stands now.</summary>
    public ConnectionState State => _loop.State;

    /// <summary>Raised after each change of <see cref="State"/>, in order. Do not block in it.</summary>
    public event Action<ConnectionState>? StateChanged;

    /// <summary>Raised for <see cref="Degraded"/>, <see cref="Recovered"/> and <see cref="Draining"/>: what the service wants people to know.</summary>
    public event Action<ServerFrame>? NoticeReceived;

    /// <summary>Opens the connection before its first use.</summary>
    public void Start() => _loop.Start();

    /// <summary>Skips the wait: tries at once; after <see cref="ConnectionPhase.SignedOut"/> or <see cref="ConnectionPhase.Closed"/>
    /// starts anew. On an open socket it checks within <see cref="ThreadConnectionOptions.ProbeTimeout"/> that the line still carries.</summary>
    /// <remarks>Call it when the network comes back, the machine wakes, or somebody presses "Try now".</remarks>
    public void ReconnectNow() => _loop.ReconnectNow();

    /// <summary>Asks a question. Returns once the request is durable at the service: from then on it is answered, whatever breaks.</summary>
    /// <returns>Where to read the answer: <see cref="ReadEventsAsync"/> or <see cref="Runs.RunReading.ReadRunAsync"/>.</returns>
    /// <exception cref="ProtocolException">Refused: <c>empty_message</c>, <c>message_too_long</c>, <c>rate_limited</c>,
    /// <c>quota_exhausted</c> (with <see cref="ProtocolException.RetryAfter"/>), <c>unavailable</c>, <c>id_reused</c>, or <c>signed_out</c>.</exception>
    public Task<StartedRun> AskAsync(Question question, CancellationToken cancellationToken) =>
        StartRunAsync(question.ToInput(), question.Id, cancellationToken);

    /// <summary>Starts a run from AG-UI's own input.</summary>
    /// <param name="id">Idempotency key: the same key again gives the same run, uncharged. Give your own to repeat a
    /// request after a restart of the program.</param>
    /// <exception cref="ProtocolException">As <see cref="AskAsync"/>.</exception>
    public async Task<StartedRun> StartRunAsync(RunAgentInput input, string id, CancellationToken cancellationToken)
    {
        var ack = await RequestAsync(new StartRun(input, Activity.Current?.Id ?? Traceparent.New()) { Id = id }, cancellationToken);
        return new StartedRun(ack.ThreadId ?? input.ThreadId ?? "", ack.RunId ?? input.RunId ?? "", ack.Seq ?? 0);
    }

    /// <summary>Asks a run to stop. Its thread then shows <c>RUN_FINISHED</c> with outcome <c>cancelled</c>.</summary>
    /// <exception cref="ProtocolException"><c>run_not_active</c>: it had ended; <c>not_found</c>.</exception>
    public Task CancelAsync(string runId, CancellationToken cancellationToken) =>
        RequestAsync(new CancelRun(runId) { Id = NewId() }, cancellationToken);

    /// <summary>Answers what a run asked before it changes something. A new run goes on from there.</summary>
    /// <exception cref="ProtocolException"><c>interrupt_not_pending</c>: answered already, too late, or never asked.</exception>
    public async Task<StartedRun> ResumeAsync(string threadId, IReadOnlyList<ResumeEntry> answers, CancellationToken cancellationToken)
    {
        var ack = await RequestAsync(new ResumeRun(threadId, answers) { Id = NewId() }, cancellationToken);
        return new StartedRun(threadId, ack.RunId ?? "", ack.Seq ?? 0);
    }

    /// <summary>Approves or declines one change: <see cref="ResumeAsync"/> with the payload that interrupts of ours ask for.</summary>
    /// <exception cref="ProtocolException">As <see cref="ResumeAsync"/>.</exception>
    public Task<StartedRun> AnswerAsync(string threadId, string interruptId, bool isApproved, CancellationToken cancellationToken) =>
        ResumeAsync(threadId, [new ResumeEntry(interruptId, "resolved", JsonElement.Parse(isApproved ? """{"approved":true}""" : """{"approved":false}"""))], cancellationToken);

    /// <summary>Reads a thread's events in order, then waits for new ones.</summary>
    /// <param name="after"><c>seq</c> of the last event the caller has; 0 reads from the first.</param>
    /// <param name="cancellationToken">Ends the sequence with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Events <c>after + 1</c>, <c>after + 2</c>, … each exactly once, across reconnects and restarts.
    /// <see cref="Runs.EventReading.ToAgUiEvent"/> gives an event its type.</returns>
    /// <exception cref="ProtocolException"><c>not_found</c>: no such thread any more, or another user's; <c>log_incomplete</c>: the service has lost events, or
    /// was put back to a state in which the thread ends before <paramref name="after"/>; <c>signed_out</c>.
    /// Lost connections, restarts (1012) and falling behind (4009) are not errors: the client resumes.</exception>
    /// <remarks>A caller that reads slowly does not fill memory: from some thousand events on, the rest is read again from the
    /// service's log. Source: protocol §4, "Order and durability".</remarks>
    public async IAsyncEnumerable<LoggedEvent> ReadEventsAsync(
        string threadId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new EventReader(threadId, after);
        _loop.Use(() => _loop.Send(_feeds.Add(reader)));
        try
        {
            while (await reader.Queue.WaitToReadAsync(cancellationToken))
            {
                while (reader.Queue.TryRead(out var entry))
                    yield return entry;
                if (_feeds.CatchUp(reader) is { } rest)
                    _loop.Send(rest);
            }
        }
        finally
        {
            if (_feeds.Remove(reader) is { } unsubscribe)
                _loop.Send(unsubscribe);
        }
    }

    /// <summary>Closes the socket; readers and requests that are still waiting end with <see cref="ObjectDisposedException"/>.
    /// Runs go on at the service.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task<Ack> RequestAsync(ClientFrame frame, CancellationToken cancellationToken)
    {
        var encoded = LiveSocket.Encode(frame);
        if (encoded.Length > LiveSocket.LongestFrame)
            throw new ProtocolException("message_too_long", "The message is too long to send; attach long texts as a file.");

        Task<Ack>? answer = null;
        _loop.Use(() =>
        {
            answer = _pending.Add(frame, encoded);
            _loop.Send(encoded);
        });
        try
        {
            return await answer!.WaitAsync(cancellationToken);
        }
        finally
        {
            _pending.Forget(frame.Id!);
        }
    }

    private string NewId() => Guid.CreateVersion7(_options.Time.GetUtcNow()).ToString();
}
