using Throughline.Backend.Actions;
using Throughline.Backend.Agents;
using Throughline.Backend.Files;

namespace Throughline.Backend.Runs;

/// <summary>What a run knows beside its own message.</summary>
internal sealed record RunBackground(
    IReadOnlyList<string> EarlierQuestions, IReadOnlyList<AttachedFile> Files, IReadOnlyList<AnsweredAction> Answers, UserSettings Settings);

/// <summary>Gathers a run's background: earlier questions of its thread, the latest files that were attached, what it answers, what its user has approved.</summary>
internal sealed class RunBackgrounds(RunStore runs, FileStore files, ActionStore actions)
{
    private const int LookBack = 50;

    public async Task<RunBackground> OfAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var earlier = await runs.BeforeAsync(run.Thread, run.RunNo, LookBack, cancellationToken);
        var ids = earlier.Prepend(run).Select(r => RunInput.FileIdsOf(r.Input)).FirstOrDefault(list => list.Count > 0) ?? [];
        return new RunBackground(
            [.. earlier.Where(r => r.FirstSeq is not null).Select(r => RunInput.QuestionOf(r.Input)).Where(question => question.Length > 0).Reverse()],
            await files.AttachedAsync(run.Thread.UserId, ids, cancellationToken),
            await AnswersAsync(run, cancellationToken),
            await actions.SettingsAsync(run.Thread.UserId, cancellationToken));
    }

    private async Task<IReadOnlyList<AnsweredAction>> AnswersAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var answers = new List<AnsweredAction>();
        foreach (var entry in run.Input.Resume ?? [])
        {
            if (await actions.ProposedAsync(run.Thread, entry.InterruptId, cancellationToken) is { } action)
                answers.Add(new AnsweredAction(action, ActionAnswer.IsApproved(entry) == true));
        }

        return answers;
    }
}
