using System.Text.Json;

namespace Throughline.Contracts.Agents;

/// <summary>AG-UI 1.0 <c>RunAgentInput</c>.</summary>
/// <remarks>The last user message is the request; earlier ones are ignored.
/// <c>forwardedProps.fileIds</c> attaches files, <c>forwardedProps.timeZone</c> sets where a day begins.</remarks>
public sealed record RunAgentInput(
    string? ThreadId = null, string? RunId = null, IReadOnlyList<AgUiMessage>? Messages = null,
    JsonElement? State = null, JsonElement? Tools = null, JsonElement? Context = null,
    JsonElement? ForwardedProps = null, string? ParentRunId = null, string? ProtocolVersion = null,
    IReadOnlyList<ResumeEntry>? Resume = null);

/// <summary>A message in AG-UI's shape.</summary>
/// <param name="Role"><c>user</c>, <c>assistant</c>, <c>tool</c>, <c>activity</c> …</param>
/// <param name="Content">Text, or AG-UI content parts, of which the text ones are read.</param>
public sealed record AgUiMessage(
    string Id, string Role, JsonElement? Content = null, string? Name = null, JsonElement? ToolCalls = null,
    string? ToolCallId = null, string? ActivityType = null);

/// <param name="Status"><c>resolved</c> or <c>cancelled</c>.</param>
public sealed record ResumeEntry(string InterruptId, string Status, JsonElement? Payload = null);
