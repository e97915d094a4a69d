using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>One kind of saving, per feature: prompt cache, repeated prompts, batches.</summary>
internal sealed class SavingTool(
    string name, string kind, string description, string query, string column, Func<Work, CancellationToken, Task<IReadOnlyList<Saving>>> find)
    : UsageTool<ToolArguments>(name, 1, description, ToolJson.Default.ToolArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var spend = await SpendTotal.FactsAsync(work, cancellationToken);
        var savings = await find(work, cancellationToken);
        var facts = new List<FactDraft>(spend);
        var terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken);
        var items = new List<string>();
        foreach (var saving in savings.Take(20))
        {
            var item = Names.Slug($"{Names.Shown(saving.Feature)}/{Names.Shown(saving.Model)}");
            items.Add(item);
            facts.AddRange(PlanFacts.Of(saving, work.Key($"{kind}.{item}")));
            terms[work.Key($"{kind}.{item}.feature")] = Names.Shown(saving.Feature);
            terms[work.Key($"{kind}.{item}.model")] = Names.Shown(saving.Model);
        }

        if (items.Count == 0)
        {
            var profile = await work.Session.OnceAsync("profile", () => DataProfile.ReadAsync(work.Session, cancellationToken));
            return new ToolOutput(
                profile.Has(column) ? "Nothing was found to save this way." : "The file has no column that tells.", query, facts)
            { Terms = terms, Missing = profile.Has(column) ? null : column };
        }

        var total = work.Key(kind + ".total");
        facts.Add(Derive.Sum(total, [.. items.Select(item => facts.First(fact => fact.Key == work.Key($"{kind}.{item}.saving")))], Description) with
        {
            Senses = [Sense.Saves],
        });
        return new ToolOutput($"Would have saved {{{{f:{total}}}}}.", query, facts) { Terms = terms, Items = items };
    }
}
