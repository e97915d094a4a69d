using Throughline.Contracts.Agents;

namespace Throughline.Web.Threads;

public enum RunStatus
{
    Queued,
    Running,
    Completed,
    Partial,
    Cancelled,
    Failed,
    Interrupted,
}

/// <summary>One question and what became of it.</summary>
public sealed class RunView(string runId)
{
    private readonly List<StageView> _stages = [];
    private readonly List<ToolCallView> _toolCalls = [];
    private readonly List<AnswerBlock> _blocks = [];

    public string RunId { get; } = runId;

    public string Question { get; internal set; } = "";

    public IReadOnlyList<Guid> FileIds { get; internal set; } = [];

    public DateTimeOffset? AskedAt { get; internal set; }

    public RunStatus Status { get; private set; }

    public bool IsOver => Status is not (RunStatus.Queued or RunStatus.Running);

    /// <summary>From the run's start to its last event, by the server's clock, milliseconds.</summary>
    public double ElapsedMs { get; private set; }

    public IReadOnlyList<StageView> Stages => _stages;

    public IReadOnlyList<ToolCallView> ToolCalls => _toolCalls;

    /// <summary>The answer's parts in the order in which they came.</summary>
    public IReadOnlyList<AnswerBlock> Blocks => _blocks;

    public RunResult? Result { get; private set; }

    public RunError? Error { get; private set; }

    /// <summary>What the run asks before it changes something.</summary>
    public IReadOnlyList<ApprovalView> Approvals { get; private set; } = [];

    /// <summary>The whole answer as Markdown, for copying.</summary>
    public string Markdown => string.Join("\n\n", _blocks.OfType<TextBlock>().Select(block => block.Text.Trim()));

    internal void Begin(RunStarted started)
    {
        Status = RunStatus.Running;
        AskedAt = started.Timestamp is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : AskedAt;
        if (started.Input is not { } input)
            return;
        Question = MessageText.Of(input.Messages?.LastOrDefault(message => message.Role == "user")) ?? AnswerOf(input) ?? Question;
        FileIds = ForwardedFiles.Of(input.ForwardedProps) ?? FileIds;
    }

    /// <summary>Who answers what a run asked writes no message.</summary>
    private static string? AnswerOf(RunAgentInput input) =>
        input.Resume is { Count: > 0 } answers ? answers.All(ApprovalView.Approves) ? "Approved" : "Declined" : null;

    internal void Apply(AgUiEvent @event)
    {
        var at = @event.Metadata?.Throughline.ElapsedMs ?? ElapsedMs;
        ElapsedMs = Math.Max(ElapsedMs, at);
        switch (@event)
        {
            case StepStarted step:
                _stages.Add(new StageView(step.StepName, at));
                break;
            case StepFinished step:
                _stages.FindLast(stage => stage.Name == step.StepName)?.Finish(at);
                break;
            case ToolCallStart call:
                _toolCalls.Add(new ToolCallView(call.ToolCallId, call.ToolCallName, at));
                break;
            case ToolCallArgs part:
                Find(part.ToolCallId)?.AddArguments(part.Delta);
                break;
            case ToolCallResult result:
                Find(result.ToolCallId)?.Finish(result.Content, at);
                break;
            case TextMessageStart { SubagentRunId: null } message:
                _blocks.Add(new TextBlock(message.MessageId));
                break;
            case TextMessageContent part:
                TextOf(part.MessageId)?.Add(part.Delta);
                break;
            case TextMessageEnd end:
                TextOf(end.MessageId)?.Complete();
                break;
            case ActivitySnapshot activity:
                Show(activity);
                break;
            case RunFinished finished:
                Finish(finished);
                break;
            case RunError error:
                Error = error;
                End(RunStatus.Failed);
                break;
        }
    }

    private void Finish(RunFinished finished)
    {
        Result = finished.Result;
        Approvals = [.. (finished.Outcome.Interrupts ?? []).Select(interrupt => new ApprovalView(interrupt))];
        End(finished switch
        {
            { Outcome.Type: "cancelled" } => RunStatus.Cancelled,
            { Outcome.Type: "interrupt" } => RunStatus.Interrupted,
            { Result.Status: "partial" } => RunStatus.Partial,
            _ => RunStatus.Completed,
        });
    }

    private void End(RunStatus status)
    {
        Status = status;
        foreach (var block in _blocks.OfType<TextBlock>())
            block.Complete();
        foreach (var call in _toolCalls.Where(call => call.State == ToolCallState.Running))
            call.Stop();
        if (_stages.FindLast(stage => stage.State == StageState.Running) is { } stage)
            stage.Stop(ElapsedMs, failed: status == RunStatus.Failed);
    }

    private void Show(ActivitySnapshot activity)
    {
        if (AnswerBlock.Of(activity) is not { } block)
            return;
        var place = _blocks.FindIndex(existing => existing is not TextBlock && existing.MessageId == activity.MessageId);
        if (place < 0)
            _blocks.Add(block);
        else if (activity.Replace)
            _blocks[place] = block;
    }

    private ToolCallView? Find(string toolCallId) => _toolCalls.Find(call => call.Id == toolCallId);

    private TextBlock? TextOf(string messageId) => _blocks.OfType<TextBlock>().LastOrDefault(block => block.MessageId == messageId);
}
