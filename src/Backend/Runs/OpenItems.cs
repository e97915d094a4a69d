using Throughline.Contracts.Agents;

namespace Throughline.Backend.Runs;

/// <summary>What a run has begun and not ended, so that a cancelled or failing one can close it first: AG-UI lets no
/// run finish with an open message, tool call, step or subagent.</summary>
internal sealed class OpenItems
{
    private readonly List<(string Key, Func<AgUiEvent> Close)> _open = [];

    public void Observe(AgUiEvent @event)
    {
        switch (@event)
        {
            case TextMessageStart start: Open($"message {start.MessageId}", () => new TextMessageEnd(start.MessageId) { SubagentRunId = start.SubagentRunId }); break;
            case TextMessageEnd end: Close($"message {end.MessageId}"); break;
            case ToolCallStart start: Open($"tool {start.ToolCallId}", () => new ToolCallEnd(start.ToolCallId) { SubagentRunId = start.SubagentRunId }); break;
            case ToolCallEnd end: Close($"tool {end.ToolCallId}"); break;
            case StepStarted start: Open($"step {start.StepName}", () => new StepFinished(start.StepName) { SubagentRunId = start.SubagentRunId }); break;
            case StepFinished end: Close($"step {end.StepName}"); break;
            case SubagentStarted start: Open($"subagent {start.SubagentRunId}", () => new SubagentError(start.SubagentRunId, "Stopped before it was done.", "stopped")); break;
            case SubagentFinished end: Close($"subagent {end.SubagentRunId}"); break;
            case SubagentError end: Close($"subagent {end.SubagentRunId}"); break;
        }
    }

    /// <summary>The events that close everything, innermost first.</summary>
    public IReadOnlyList<AgUiEvent> Closing() => [.. Enumerable.Reverse(_open).Select(item => item.Close())];

    private void Open(string key, Func<AgUiEvent> close) => _open.Add((key, close));

    private void Close(string key) => _open.RemoveAll(item => item.Key == key);
}
