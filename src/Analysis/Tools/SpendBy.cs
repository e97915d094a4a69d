using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>Spend by model, user, feature or team, the largest first; by requests where nothing has a price.</summary>
internal sealed class SpendBy(string by, Dimension dimension) : UsageTool<BreakdownArguments>(
    "spend_by_" + by, 1, $"Spend by {by}, the largest first.", ToolJson.Default.BreakdownArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, BreakdownArguments arguments, CancellationToken cancellationToken)
    {
        var groups = await work.Session.ByAsync(work.Rows, dimension, cancellationToken);
        var facts = await SpendTotal.FactsAsync(work, cancellationToken);
        var total = facts.Find(fact => fact.Key == work.Key("spend.total"));
        var terms = new Dictionary<string, string>();
        var items = new List<string>();
        var points = new List<ChartPointDraft>();
        var shown = groups.Take(Math.Clamp(arguments.Top, 1, 100)).ToArray();
        var prices = work.Pricing.PricesOf((await work.Session.BySlotAsync(work.Rows, cancellationToken)).Select(slot => slot.Slot));
        foreach (var group in shown)
        {
            var name = dimension == Dimension.Model ? work.NameOf(group.Name) : group.Name;
            var slug = Names.Slug(name);
            var rows = Narrow(work.Rows, group.Name);
            var isFirst = items.Count == 0 && shown.Length > 1;
            string[] entities = name is null ? [] : [name];
            var isPriced = total is not null && (group.Totals.Cost > 0 || await IsPricedAsync(work, rows, cancellationToken));
            items.Add(slug);
            terms[work.Key($"by-{by}.{slug}")] = Names.Shown(name);
            var fact = isPriced
                ? new FactDraft(work.Key($"spend.by-{by}.{slug}"), group.Totals.Cost, FactUnit.Usd, $"spend, {by} {Names.Shown(name)}", "tokens of each kind × their price, summed")
                {
                    Prices = [.. prices.Where(price => dimension != Dimension.Model || price.Model == CanonicalOf(work, group.Name))],
                }
                : new FactDraft(work.Key($"requests.by-{by}.{slug}"), group.Totals.Requests, FactUnit.Requests, $"requests, {by} {Names.Shown(name)}", "count of requests");
            facts.Add(fact with
            {
                Rows = rows with { Priced = isPriced ? true : null },
                RowCount = group.Totals.Rows,
                Period = Dates.PeriodOf(group.Totals),
                Entities = entities,
                Senses = isFirst ? [Sense.Most, Sense.Costs] : [Sense.Costs],
            });
            if (isPriced || total is null) points.Add(new ChartPointDraft(Names.Shown(name), facts[^1].Value, facts[^1].Key, isFirst));
            if (isPriced && total is { Value: > 0 })
            {
                facts.Add(Derive.Percent(work.Key($"spend.by-{by}.{slug}.share"), facts[^1], total, $"share of spend, {by} {Names.Shown(name)}") with
                {
                    Entities = entities,
                    Senses = isFirst ? [Sense.Most] : [],
                });
            }
        }

        foreach (var (key, term) in await SpendTotal.PeriodTermsAsync(work, cancellationToken)) terms[key] = term;
        facts.Add(new FactDraft(work.Key($"count.by-{by}"), groups.Count, FactUnit.Rows, $"{by}s in the data", $"count of distinct {by}s")
        {
            Rows = work.Rows,
            RowCount = groups.Sum(group => group.Totals.Rows),
            Period = facts[0].Period,
        });
        var caption = terms.GetValueOrDefault(work.Key("period.caption"), "All rows") + (total is null ? ", requests" : ", USD");
        var top = items.Count == 0
            ? "Nothing to break down."
            : $"{{{{t:{work.Key($"by-{by}.{items[0]}")}}}}} comes first with {{{{f:{facts.First(fact => fact.Key.EndsWith($".by-{by}.{items[0]}", StringComparison.Ordinal)).Key}}}}}{(points is [{ FactKey: { } firstKey }, ..] && firstKey.StartsWith(work.Key("spend."), StringComparison.Ordinal) ? "" : " requests")}.";
        return new ToolOutput(top, $"Sum over {work.Rows.ToWords()}, by {by}, the largest first", facts)
        {
            Terms = terms,
            Items = items,
            Chart = points.Count == 0 ? null : new ChartDraft(
                total is null ? $"Requests by {by}" : $"Spend by {by}", caption, "bars", total is null ? FactUnit.Requests : FactUnit.Usd,
                $"By {by}: " + string.Join(", ", points.Take(5).Select(point => $"{{{{t:{work.Key(point.FactKey![(point.FactKey!.IndexOf($"by-{by}.", StringComparison.Ordinal))..])}}}}} {{{{f:{point.FactKey}}}}}")) + ".", points),
        };
    }

    private RowFilter Narrow(RowFilter rows, string? name) => name is null ? rows : dimension switch
    {
        Dimension.Model => rows with { Model = name },
        Dimension.User => rows with { User = name },
        Dimension.Feature => rows with { Feature = name },
        Dimension.Team => rows with { Team = name },
        Dimension.Day or Dimension.Slot => rows,
    };

    private static string? CanonicalOf(Work work, string? spelling) =>
        work.Scope.AssumedModel is not null ? work.NameOf(spelling) : work.Pricing.Models.FirstOrDefault(model => model.Spelling == spelling)?.Canonical;

    private static async Task<bool> IsPricedAsync(Work work, RowFilter rows, CancellationToken cancellationToken) =>
        (await work.Session.TotalAsync(rows with { Priced = true }, cancellationToken)).Rows > 0;
}
