using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Runs;

/// <summary>A run's pipeline stages, read from its step events.</summary>
internal sealed class RunStages
{
    private readonly List<(string Name, long BeganMs, long? EndedMs)> _stages = [];

    public void Observe(AgUiEvent @event)
    {
        if (@event.Timestamp is not { } at) return;
        if (@event is StepStarted start) _stages.Add((start.StepName, at, null));
        else if (@event is StepFinished end && _stages.FindLastIndex(s => s.Name == end.StepName && s.EndedMs is null) is >= 0 and var i)
            _stages[i] = _stages[i] with { EndedMs = at };
    }

    public IReadOnlyList<RunStage> At(DateTimeOffset now) =>
        [.. _stages.Select(s => new RunStage(
            s.Name, DateTimeOffset.FromUnixTimeMilliseconds(s.BeganMs), (s.EndedMs ?? now.ToUnixTimeMilliseconds()) - s.BeganMs))];
}
