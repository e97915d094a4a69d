namespace Throughline.Backend.Runs;

/// <summary>The runs that wait in one thread, counted.</summary>
internal sealed class RunQueue(RunMetrics metrics)
{
    private readonly Queue<RunRecord> _runs = new();

    public int Count => _runs.Count;

    public bool Contains(string runId) => _runs.Any(run => run.RunId == runId);

    public void Add(RunRecord run)
    {
        _runs.Enqueue(run);
        metrics.Waits(1);
    }

    public RunRecord? Take()
    {
        if (!_runs.TryDequeue(out var run)) return null;
        metrics.Waits(-1);
        return run;
    }

    public void Cancel(string runId) => CancelWhere(run => run.RunId == runId);

    public void CancelAll() => CancelWhere(_ => true);

    public void Clear()
    {
        metrics.Waits(-_runs.Count);
        _runs.Clear();
    }

    private void CancelWhere(Predicate<RunRecord> isMeant)
    {
        for (var i = _runs.Count; i > 0; i--)
        {
            var run = _runs.Dequeue();
            _runs.Enqueue(isMeant(run) ? run with { CancelAsked = true } : run);
        }
    }
}
