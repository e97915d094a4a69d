using System.Text.Json;

namespace Throughline.Contracts.Agents;

/// <summary>What a run asks before it changes something: an AG-UI interrupt, in <c>RUN_FINISHED.outcome.interrupts</c>.</summary>
/// <param name="Id">A resume entry answers it by this id.</param>
/// <param name="Reason">Ours are <c>tool_call</c>: the call stands in the log without a result, and the run that goes on writes its result.</param>
/// <param name="Message">The question, in words.</param>
/// <param name="ToolCallId">The call that waits.</param>
/// <param name="ResponseSchema">JSON Schema of the answer's payload.</param>
/// <param name="ExpiresAt">From then on it can't be answered, and the thread takes questions again.</param>
public sealed record Interrupt(
    string Id, string Reason, string? Message = null, string? ToolCallId = null, JsonElement? ResponseSchema = null,
    DateTimeOffset? ExpiresAt = null, InterruptMetadata? Metadata = null);

public sealed record InterruptMetadata(Proposal? Throughline = null);

/// <summary>What exactly an approval changes.</summary>
/// <param name="Action"><c>set_budget</c>, <c>set_alert</c> or <c>write_routing_patch</c>.</param>
public sealed record Proposal(string Action, IReadOnlyList<ProposedChange> Changes);

/// <param name="What">What changes, e.g. <c>Monthly budget</c>.</param>
/// <param name="After">As it will be, printed.</param>
/// <param name="Before">As it is, printed; absent where there is nothing yet.</param>
public sealed record ProposedChange(string What, string After, string? Before = null);
