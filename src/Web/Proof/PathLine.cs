using Throughline.Contracts.Proof;

namespace Throughline.Web.Proof;

/// <summary>How the line is drawn at one step: whole, stopping short of the step, or dashed after a stop.</summary>
/// <param name="Class">Empty where the line does not come here.</param>
/// <param name="IsBreak">Whether it breaks here.</param>
internal sealed record PathLeg(string Class, bool IsBreak);

internal static class PathLine
{
    /// <summary>The path itself.</summary>
    public static IReadOnlyList<PathLeg> Of(IReadOnlyList<ProofStep> steps) => Draw([.. steps.Select(s => (s.State, true))]);

    /// <summary>One stream of revenue along the path; it ends where it needs nothing more.</summary>
    public static IReadOnlyList<PathLeg> Of(IReadOnlyList<ProofStep> steps, ProofRevenue revenue) =>
        Draw([.. steps.Select(s => (s.State, revenue.Needs?.Contains(s.Id) == true))]);

    private static List<PathLeg> Draw(IReadOnlyList<(ProofState State, bool IsNeeded)> steps)
    {
        var (first, last) = (steps.Select((s, i) => (s, i)).FirstOrDefault(p => p.s.IsNeeded).i, steps.Select((s, i) => (s, i)).LastOrDefault(p => p.s.IsNeeded).i);
        var legs = new List<PathLeg>();
        var isStopped = false;
        for (var i = 0; i < steps.Count; i++)
        {
            if (!steps[i].IsNeeded)
            {
                legs.Add(new("", false));
                continue;
            }

            var isStop = !isStopped && steps[i].State != ProofState.Working;
            var drawn = isStop ? "stop" : isStopped ? "after" : "whole";
            var tone = steps[i].State switch { ProofState.Working => "ok", ProofState.Broken => "bad", ProofState.Blocked or ProofState.Unknown or ProofState.Excluded => "open" };
            legs.Add(new($"{drawn} {tone}{(i == first ? " first" : "")}{(i == last ? " last" : "")}", steps[i].State == ProofState.Broken));
            isStopped |= isStop;
        }

        return legs;
    }
}
