namespace Throughline.Verify;

/// <summary>Tells checks when the steps that they need are known to work, or not to.</summary>
internal sealed class Gates
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource<string?>> _steps;
    private readonly ProofGraph _graph;
    private readonly Dictionary<string, Verdict> _verdicts = [];

    public Gates(ProofGraph graph)
    {
        _graph = graph;
        _steps = graph.Steps.ToDictionary(s => s.Id, _ => new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <returns>The step that does not work; null where all of them do.</returns>
    public async Task<string?> WaitAsync(IReadOnlyList<string> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            if (await _steps[step].Task.WaitAsync(cancellationToken) is { } shut) return shut;
        return null;
    }

    public void Note(Finding finding)
    {
        lock (_gate)
        {
            _verdicts[finding.Id] = finding.Verdict;
            foreach (var step in _graph.Steps)
            {
                if (!step.Gate.Contains(finding.Id)) continue;
                if (finding.Verdict == Verdict.Excluded || step.Gate.All(id => _verdicts.GetValueOrDefault(id, Verdict.Unknown) == Verdict.Passed)) Open(step);
                else if (finding.Verdict != Verdict.Passed) Shut(step.Id);
            }
        }
    }

    private void Open(PathStep step) => _steps[step.Id].TrySetResult(null);

    /// <summary>What needs a step that does not work does not work either.</summary>
    private void Shut(string step)
    {
        if (!_steps[step].TrySetResult(step)) return;
        foreach (var later in _graph.Steps.Where(s => s.Needs.Contains(step))) ShutBecause(later.Id, step);
    }

    private void ShutBecause(string step, string cause)
    {
        if (!_steps[step].TrySetResult(cause)) return;
        foreach (var later in _graph.Steps.Where(s => s.Needs.Contains(step))) ShutBecause(later.Id, cause);
    }
}
