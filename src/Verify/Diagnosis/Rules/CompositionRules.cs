using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>What runs would not start again: by its own words, where it was asked to put itself together without starting.</summary>
internal sealed class CompositionRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        var told = Case.Of<Comparison>(@case.Unclaimed.Where(f => f.Check == "composition" && ServiceOf(f) is not null)).Where(c => c.Item.Actual.Length > 0);
        // What several say alike lies in what they share.
        foreach (var group in told.GroupBy(c => c.Item.Actual))
        {
            List<string> services = [.. group.Select(c => ServiceOf(c.Finding)!).Distinct()];
            var component = services is [var only] ? only : "state";
            var known = StartWords.Read(component, group.Key);
            yield return Cause(
                known?.Component ?? component, known?.Fault ?? FaultCodes.Incomplete,
                known?.Component == "machine" ? group.Key : $"{ProcessRules.Capital(string.Join(", ", services))} would not start again: {group.Key}",
                known?.Fix ?? new Fix("Install a build that is whole."), [.. group.Select(c => c.Finding.Id)], group.First().Arrow("what runs does not put itself together anew", "the next start fails"));
        }
    }

    /// <remarks><c>composition.options.backend</c></remarks>
    private static string? ServiceOf(Finding finding) => finding.Id.Split('.') is [_, _, var service] ? service : null;
}
