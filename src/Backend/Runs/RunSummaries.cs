using Throughline.Backend.Threads;
using Throughline.Contracts.Threads;
using Throughline.Contracts.Traces;

namespace Throughline.Backend.Runs;

/// <summary>Runs as the API shows them; the stages of one that is under way are read from its events.</summary>
internal sealed class RunSummaries(ThreadLog log, TimeProvider time)
{
    public async Task<RunSummary> OfAsync(RunRecord run, CancellationToken cancellationToken) => new(
        run.RunId, run.Thread.ThreadId, run.Status, run.AcceptedAt, run.FinishedAt,
        run.Outcome?.Stages ?? await StagesAsync(run, cancellationToken), run.Outcome?.Usage, run.Outcome?.Quality, Traceparent.TraceIdOf(run.Traceparent));

    private async Task<IReadOnlyList<RunStage>> StagesAsync(RunRecord run, CancellationToken cancellationToken)
    {
        if (run.FirstSeq is not { } first) return [];
        var stages = new RunStages();
        await foreach (var entry in log.ReadAllAsync(run.Thread, first, cancellationToken)) stages.Observe(RunJournal.Read(entry));
        return stages.At(time.GetUtcNow());
    }
}
