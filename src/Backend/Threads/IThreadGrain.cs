namespace Throughline.Backend.Threads;

/// <summary>The one writer of its thread. The key is <see cref="ThreadKey.ToString"/>, made from verified claims.</summary>
[Alias("thread")]
internal interface IThreadGrain : IGrainWithStringKey
{
    /// <summary>Accepts a run once it is durable. Repeating it answers the first acceptance.</summary>
    [Alias("start")]
    Task<RunAcceptance> StartRunAsync(RunRequest request);

    /// <summary>Asks the run to stop. Durable: a run that is taken up again after a crash still stops.</summary>
    /// <returns>Whether the run was queued or running.</returns>
    [Alias("cancel")]
    Task<bool> CancelRunAsync(string runId);

    /// <summary>Takes up what is open. Harmless where nothing is, or where it is under way.</summary>
    [Alias("wake")]
    Task WakeAsync();

    /// <summary>Stops what runs and erases the thread with everything that came of it.</summary>
    /// <returns>Whether there was such a thread.</returns>
    [Alias("delete")]
    Task<bool> DeleteAsync();

    /// <summary>As <see cref="DeleteAsync"/>, unless something happens in it, or has happened since then.</summary>
    [Alias("delete-idle")]
    Task<bool> DeleteIfIdleAsync(DateTimeOffset since);

    /// <summary>The run at work has ended: the next may begin.</summary>
    [Alias("ended")]
    Task RunEndedAsync();
}

/// <param name="RequestId">The idempotency key, unique per user for 24 hours.</param>
/// <param name="Input">The normalized <c>RunAgentInput</c>, UTF-8 JSON.</param>
/// <param name="InputHash">Of the input as the client sent it.</param>
/// <param name="Question">The user's message, of which a new thread's title is made.</param>
/// <param name="WhenBusy">What shall happen where the thread has a run already.</param>
/// <param name="Answers">The interrupts that the run answers; none for a question.</param>
[GenerateSerializer, Immutable, Alias("run-request")]
internal sealed record RunRequest(
    [property: Id(0)] string RequestId, [property: Id(1)] string RunId, [property: Id(2)] byte[] Input,
    [property: Id(3)] string InputHash, [property: Id(4)] string Question, [property: Id(5)] string? Traceparent,
    [property: Id(6)] WhenBusy WhenBusy = WhenBusy.Queue, [property: Id(7)] string[]? Answers = null);

/// <summary>What becomes of a request in a thread that has a run queued or under way: <c>forwardedProps.whenBusy</c>.</summary>
[GenerateSerializer]
internal enum WhenBusy
{
    /// <summary>It waits its turn.</summary>
    Queue,

    /// <summary>What is queued or under way ends as cancelled; then it begins.</summary>
    Interrupt,

    /// <summary>It is refused, and leaves no trace.</summary>
    Reject,
}

/// <param name="Seq">The thread's head before the run.</param>
[GenerateSerializer, Immutable, Alias("run-acceptance")]
internal sealed record RunAcceptance(
    [property: Id(0)] AcceptanceKind Kind, [property: Id(1)] string ThreadId, [property: Id(2)] string RunId, [property: Id(3)] long Seq);

[GenerateSerializer]
internal enum AcceptanceKind
{
    /// <summary>Durable now.</summary>
    Accepted,

    /// <summary>The same request was accepted before.</summary>
    Repeated,

    /// <summary>The key, or the run's id, was used for something else.</summary>
    IdReused,

    /// <summary>Too many runs wait in this thread.</summary>
    QueueFull,

    /// <summary>The thread has a run, and the request did not want to wait.</summary>
    Busy,

    /// <summary>The thread waits for an answer, and the request is none.</summary>
    InterruptPending,

    /// <summary>The request answers what is not asked, or not any more.</summary>
    InterruptNotPending,
}
