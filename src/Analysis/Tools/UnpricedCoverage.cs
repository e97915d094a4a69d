using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>What could not be priced, by name: it is left out of every sum, never counted as 0.</summary>
internal sealed class UnpricedCoverage() : UsageTool<ToolArguments>(
    "unpriced_coverage", 1, "Requests whose model has no price, by name.", ToolJson.Default.ToolArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var rows = work.Rows with { Priced = false };
        var groups = (await work.Session.ByAsync(rows, Dimension.Model, cancellationToken)).OrderByDescending(group => group.Totals.Requests).ToArray();
        var all = (await work.Session.TotalAsync(work.Rows, cancellationToken)).Requests;
        var facts = new List<FactDraft>
        {
            new(work.Key("coverage.requests"), all, FactUnit.Requests, "requests", "count of requests") { Rows = work.Rows, RowCount = all },
        };
        if (groups.Length == 0) return new ToolOutput("Every request has a price.", "Requests without a price", facts);
        var terms = new Dictionary<string, string>();
        var items = new List<string>();
        foreach (var group in groups.Take(20))
        {
            var item = Names.Slug(group.Name);
            items.Add(item);
            terms[work.Key($"unpriced.{item}")] = group.Name ?? "no model";
            facts.Add(new FactDraft(work.Key($"unpriced.by-model.{item}"), group.Totals.Requests, FactUnit.Requests, $"requests that name {Names.Shown(group.Name)}, which has no price", "count of requests")
            {
                Rows = group.Name is null ? rows with { Extra = "unnamed" } : rows with { Model = group.Name },
                RowCount = group.Totals.Rows,
                Period = Dates.PeriodOf(group.Totals),
                Entities = group.Name is null ? [] : [group.Name],
            });
        }

        var total = groups.Aggregate(Totals.None, (sum, group) => sum + group.Totals);
        facts.Add(new FactDraft(work.Key("unpriced.requests"), total.Requests, FactUnit.Requests, "requests without a price", "count of requests")
        {
            Rows = rows,
            RowCount = total.Rows,
            Period = Dates.PeriodOf(total),
            Entities = [.. groups.Select(group => group.Name).OfType<string>()],
        });
        facts.Add(Derive.Percent(work.Key("unpriced.share"), facts[^1], facts[0], "share of requests without a price") with { Entities = facts[^1].Entities });
        return new ToolOutput($"{{{{f:{work.Key("unpriced.requests")}}}}} requests have no price.", "Requests without a price", facts) { Terms = terms, Items = items };
    }
}
