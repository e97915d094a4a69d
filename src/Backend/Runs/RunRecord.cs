using Throughline.Backend.Threads;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Runs;

/// <summary>A run as the database has it.</summary>
/// <param name="FirstSeq">Where its RUN_STARTED stands; null while it waits.</param>
/// <param name="LastSeq">Where its RUN_FINISHED or RUN_ERROR stands; null while it is open.</param>
/// <param name="Attempts">How often it was taken up.</param>
internal sealed record RunRecord(
    long RunNo, ThreadKey Thread, string RunId, RunAgentInput Input, string InputHash, string Status, DateTimeOffset AcceptedAt, long AcceptedHead,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, long? FirstSeq, long? LastSeq, int Attempts, bool CancelAsked, RunOutcomeRecord? Outcome, string? Traceparent);

/// <summary>What is kept of a finished run beside its events.</summary>
internal sealed record RunOutcomeRecord(
    IReadOnlyList<Contracts.Threads.RunStage> Stages, IReadOnlyList<ModelUsage>? Usage = null, RunQuality? Quality = null);

/// <summary>The words of protocol §3.</summary>
internal static class RunStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Partial = "partial";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";
    public const string Interrupted = "interrupted";
}
