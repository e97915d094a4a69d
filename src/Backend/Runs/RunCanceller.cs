using Throughline.Backend.Nodes;

namespace Throughline.Backend.Runs;

/// <summary>Cancels a run by its id, whoever asks: socket or REST.</summary>
internal sealed class RunCanceller(RunStore runs, ThreadGrains grains)
{
    public async Task<CancelOutcome> CancelAsync(Guid userId, string runId, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(userId, runId, cancellationToken) is not { } run) return new CancelOutcome.NotFound();
        if (run.FinishedAt is not null) return new CancelOutcome.NotActive();
        return await grains.CallAsync(run.Thread, grain => grain.CancelRunAsync(runId))
            ? new CancelOutcome.Asked(run.Thread.ThreadId)
            : new CancelOutcome.NotActive();
    }
}

internal abstract record CancelOutcome
{
    public sealed record Asked(string ThreadId) : CancelOutcome;

    public sealed record NotActive : CancelOutcome;

    public sealed record NotFound : CancelOutcome;
}
