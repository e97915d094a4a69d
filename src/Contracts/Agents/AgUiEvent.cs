using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts.Facts;

namespace Throughline.Contracts.Agents;

/// <summary>An AG-UI 1.0 event, in the subset that Throughline emits. Absent members are left out, never null.</summary>
/// <remarks>Shapes and order: protocol §4, "Events of a run", and <see href="https://docs.ag-ui.com/concepts/events"/>.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", IgnoreUnrecognizedTypeDiscriminators = true)]
[JsonDerivedType(typeof(RunStarted), "RUN_STARTED")]
[JsonDerivedType(typeof(RunFinished), "RUN_FINISHED")]
[JsonDerivedType(typeof(RunError), "RUN_ERROR")]
[JsonDerivedType(typeof(StepStarted), "STEP_STARTED")]
[JsonDerivedType(typeof(StepFinished), "STEP_FINISHED")]
[JsonDerivedType(typeof(TextMessageStart), "TEXT_MESSAGE_START")]
[JsonDerivedType(typeof(TextMessageContent), "TEXT_MESSAGE_CONTENT")]
[JsonDerivedType(typeof(TextMessageEnd), "TEXT_MESSAGE_END")]
[JsonDerivedType(typeof(ToolCallStart), "TOOL_CALL_START")]
[JsonDerivedType(typeof(ToolCallArgs), "TOOL_CALL_ARGS")]
[JsonDerivedType(typeof(ToolCallEnd), "TOOL_CALL_END")]
[JsonDerivedType(typeof(ToolCallResult), "TOOL_CALL_RESULT")]
[JsonDerivedType(typeof(ActivitySnapshot), "ACTIVITY_SNAPSHOT")]
[JsonDerivedType(typeof(SubagentStarted), "SUBAGENT_STARTED")]
[JsonDerivedType(typeof(SubagentFinished), "SUBAGENT_FINISHED")]
[JsonDerivedType(typeof(SubagentError), "SUBAGENT_ERROR")]
[JsonDerivedType(typeof(CustomEvent), "CUSTOM")]
public record AgUiEvent // not abstract: a client skips an event type newer than itself
{
    /// <summary>Milliseconds since 1970; set by the thread log when it numbers the event.</summary>
    public long? Timestamp { get; init; }

    /// <summary>The specialist that emitted the event.</summary>
    public string? SubagentRunId { get; init; }

    public EventMetadata? Metadata { get; init; }
}

public sealed record EventMetadata(ThroughlineMetadata Throughline);

/// <param name="ElapsedMs">Since the run began, by the server's clock.</param>
public sealed record ThroughlineMetadata(string RunId, double ElapsedMs);

public sealed record RunStarted(string ThreadId, string RunId, RunAgentInput? Input = null, string ProtocolVersion = "1.0") : AgUiEvent;

public sealed record RunFinished(
    string ThreadId, string RunId, RunOutcome Outcome, RunResult? Result = null, IReadOnlyList<ModelUsage>? Usage = null) : AgUiEvent;

public sealed record RunError(string Message, string Code) : AgUiEvent;

/// <param name="Type"><c>success</c>, <c>interrupt</c> or <c>cancelled</c>.</param>
public sealed record RunOutcome(string Type, IReadOnlyList<Interrupt>? Interrupts = null);

/// <param name="Status">The run's status, e.g. <c>completed</c> or <c>partial</c>.</param>
/// <param name="Figures">Each figure in the answer with its fact and tool call.</param>
/// <param name="FollowUps">Up to three questions that fit next.</param>
public sealed record RunResult(
    string Status, string? Category = null, RunQuality? Quality = null, IReadOnlyList<Figure>? Figures = null, IReadOnlyList<string>? FollowUps = null);

/// <param name="Score">Share of gates passed, 0 to 1.</param>
public sealed record RunQuality(double Score, IReadOnlyList<GateResult> Gates);

/// <param name="Detail">What the gate looked at, or why it failed, in words.</param>
public sealed record GateResult(string Name, bool Passed, string? Detail = null);

public sealed record ModelUsage(string Model, long InputTokens, long OutputTokens);

public sealed record StepStarted(string StepName) : AgUiEvent;

public sealed record StepFinished(string StepName) : AgUiEvent;

public sealed record TextMessageStart(string MessageId, string Role = "assistant") : AgUiEvent;

public sealed record TextMessageContent(string MessageId, string Delta) : AgUiEvent;

public sealed record TextMessageEnd(string MessageId) : AgUiEvent;

public sealed record ToolCallStart(string ToolCallId, string ToolCallName, string? ParentMessageId = null) : AgUiEvent;

public sealed record ToolCallArgs(string ToolCallId, string Delta) : AgUiEvent;

public sealed record ToolCallEnd(string ToolCallId) : AgUiEvent;

/// <param name="Content">JSON text of a <see cref="ToolResultContent"/>.</param>
public sealed record ToolCallResult(string MessageId, string ToolCallId, string Content, string Role = "tool") : AgUiEvent;

/// <param name="ActivityType"><c>throughline.chart</c>, <c>throughline.table</c> or <c>throughline.document</c>.</param>
/// <param name="Content">A <see cref="ChartActivity"/>, a <see cref="TableActivity"/> or a <see cref="DocumentActivity"/>.</param>
public sealed record ActivitySnapshot(string MessageId, string ActivityType, JsonElement Content, bool Replace = true) : AgUiEvent;

public sealed record SubagentStarted(string SubagentRunId, string Name, string? Description = null) : AgUiEvent
{
    public new string SubagentRunId { get; init; } = SubagentRunId;
}

public sealed record SubagentFinished(string SubagentRunId) : AgUiEvent
{
    public new string SubagentRunId { get; init; } = SubagentRunId;
}

public sealed record SubagentError(string SubagentRunId, string Message, string? Code = null) : AgUiEvent
{
    public new string SubagentRunId { get; init; } = SubagentRunId;
}

public sealed record CustomEvent(string Name, JsonElement Value) : AgUiEvent;
