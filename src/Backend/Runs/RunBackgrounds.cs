using Throughline.Backend.Agents;
using Throughline.Backend.Files;

namespace Throughline.Backend.Runs;

/// <summary>What a run knows beside its own message.</summary>
internal sealed record RunBackground(IReadOnlyList<string> EarlierQuestions, IReadOnlyList<AttachedFile> Files);

/// <summary>Gathers a run's background: earlier questions of its thread, and the latest files that were attached.</summary>
internal sealed class RunBackgrounds(RunStore runs, FileStore files)
{
    private const int LookBack = 50;

    public async Task<RunBackground> OfAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var earlier = await runs.BeforeAsync(run.Thread, run.RunNo, LookBack, cancellationToken);
        var ids = earlier.Prepend(run).Select(r => RunInput.FileIdsOf(r.Input)).FirstOrDefault(list => list.Count > 0) ?? [];
        return new RunBackground(
            [.. earlier.Where(r => r.FirstSeq is not null).Select(r => RunInput.QuestionOf(r.Input)).Reverse()],
            await files.AttachedAsync(run.Thread.UserId, ids, cancellationToken));
    }
}
