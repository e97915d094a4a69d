using System.Text.Json.Serialization.Metadata;
using Throughline.Backend.Actions;
using Throughline.Backend.Files.Contents;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Facts;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Agents;

/// <summary>The run that agents work on: what was asked, and the journal they write to. Made by <c>Runs</c>.</summary>
/// <remarks>
/// Agents are deterministic: a resumed run calls them again from the start, events that are already in the log are
/// passed over, and <see cref="StepAsync"/> returns recorded results instead of computing them. So between two steps
/// nothing may depend on time, chance or the order of threads.
/// </remarks>
internal interface IAgentRun
{
    string ThreadId { get; }

    string RunId { get; }

    Guid UserId { get; }

    /// <summary>When the run began; the only "now" that agents know.</summary>
    DateTimeOffset StartedAt { get; }

    /// <summary>The user's last message.</summary>
    string Question { get; }

    /// <summary>The user's earlier questions in this thread, oldest first.</summary>
    IReadOnlyList<string> EarlierQuestions { get; }

    /// <summary>Sets where a day begins.</summary>
    TimeZoneInfo TimeZone { get; }

    /// <summary>The files of this message, else those of the thread's latest message that had some.</summary>
    IReadOnlyList<AttachedFile> Files { get; }

    /// <summary>What its owner has decided of actions that were proposed earlier; empty for a question.</summary>
    IReadOnlyList<AnsweredAction> Answers { get; }

    /// <summary>What the user has approved so far, as it is now; a step keeps what a run goes by.</summary>
    UserSettings Settings { get; }

    /// <summary>A UUIDv7 that is the same each time this run asks for <paramref name="name"/>.</summary>
    Guid IdFor(string name);

    /// <summary>Appends one event; it is durable before any client sees it.</summary>
    ValueTask EmitAsync(AgUiEvent @event, CancellationToken cancellationToken);

    /// <summary>Returns the result recorded under <paramref name="key"/>, else computes it and records it first.</summary>
    Task<T> StepAsync<T>(string key, Func<CancellationToken, Task<T>> compute, JsonTypeInfo<T> type, CancellationToken cancellationToken);

    /// <summary>Lets an approved action take effect, and appends the event that says so: both or neither, and once, whatever dies in between.</summary>
    Task ApplyAsync(ProposedAction action, ToolCallResult said, CancellationToken cancellationToken);

    /// <summary>Keeps the facts, so that <c>/api/facts/{id}</c> finds them. Repeating it changes nothing.</summary>
    Task SaveFactsAsync(IReadOnlyList<Fact> facts, CancellationToken cancellationToken);
}

/// <param name="OpenAsync">Gives the imported rows, in the columns of <see cref="Analysis.Import.UsageSchema"/>, as a local file; it stays until it is disposed.</param>
internal sealed record AttachedFile(UsageFile File, Func<CancellationToken, Task<LocalRows>> OpenAsync);

/// <summary>Answers one message: emits every event between RUN_STARTED and RUN_FINISHED.</summary>
internal interface IAgentPipeline
{
    /// <returns>What RUN_FINISHED carries. A failure that leaves an honest answer is a result with status <c>partial</c>, not an exception.</returns>
    Task<AgentResult> RunAsync(IAgentRun run, CancellationToken cancellationToken);
}

/// <param name="Proposed">The action that the run asks for; it ends as interrupted.</param>
internal sealed record AgentResult(RunResult Result, IReadOnlyList<ModelUsage>? Usage = null, ProposedAction? Proposed = null);
