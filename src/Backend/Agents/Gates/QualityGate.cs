using Throughline.Analysis.Facts;
using Throughline.Backend.Agents.Reports;
using Throughline.Backend.Agents.Triage;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>What a gate looks at.</summary>
/// <param name="Names">Names that may stand in prose: models, files, what the question quotes.</param>
/// <param name="Question">Its words may be quoted.</param>
internal sealed record GateInput(Draft Draft, FactTable Facts, IReadOnlyCollection<string> Names, Intent Intent, string Question);

/// <summary>Decides whether a draft may be sent. Deterministic: no model judges a model.</summary>
internal static class QualityGate
{
    /// <param name="recompute">Computes the cited facts again; returns the keys that come out different.</param>
    public static async Task<RunQuality> JudgeAsync(
        GateInput input, Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<string>>> recompute, CancellationToken cancellationToken)
    {
        var gates = new List<GateResult> { References.Judge(input) };
        // The other gates look references up; there is nothing to look up where one is made up.
        if (gates[0].Passed)
        {
            var cited = Renderer.Cited(input.Draft);
            gates.Add(Lexical.Judge(input));
            if (cited.Count > 0)
            {
                var wrong = await recompute(cited, cancellationToken);
                gates.Add(wrong.Count == 0
                    ? new GateResult("recompute", true, "Every figure comes out the same when it is computed again.")
                    : new GateResult("recompute", false, "Comes out different when computed again: " + string.Join(", ", wrong)));
            }

            gates.AddRange(Direction.Judge(input), Subjects.Judge(input), Coverage.Judge(input), Honesty.Judge(input));
            if (input.Draft.Plan.Count > 0) gates.AddRange(Actionability.Judge(input), NoDoubleCounting.Judge(input));
        }

        return new RunQuality(Math.Round((double)gates.Count(gate => gate.Passed) / gates.Count, 3), gates);
    }

    public static bool Passed(this RunQuality quality) => quality.Gates.All(gate => gate.Passed);
}
