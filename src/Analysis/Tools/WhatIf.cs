using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>The same requests at another model's list price. A candidate, not a promise of the same answers.</summary>
internal sealed class WhatIf() : UsageTool<WhatIfArguments>(
    "what_if_model", 1, "What the same requests would have cost on another model.", ToolJson.Default.WhatIfArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, WhatIfArguments arguments, CancellationToken cancellationToken)
    {
        var price = work.Prices.Find(arguments.Model, work.Scope.PricedOn);
        if (price is null) return new ToolOutput("The price table has no price for that model.", "Look up the model's price", []) { Missing = "price" };
        var facts = await SpendTotal.FactsAsync(work, cancellationToken);
        var spend = facts.Find(fact => fact.Key == work.Key("spend.total"));
        var rows = spend is null ? work.Rows : work.Rows with { Priced = true };
        var all = await work.Session.TotalAsync(rows, cancellationToken);
        var batch = await work.Session.TotalAsync(rows with { Batch = true }, cancellationToken);
        var live = await work.Session.TotalAsync(rows with { Batch = false }, cancellationToken);
        var cost = Rates.Of(price, batch: false).Cost(live) + Rates.Of(price, batch: true).Cost(batch);
        var key = work.Key($"whatif.{price.Model}");
        var draft = new FactDraft(key + ".total", cost, FactUnit.Usd, $"the same requests at {price.Model}'s list price", $"tokens of each kind × {price.Model}'s price")
        {
            Rows = rows,
            RowCount = all.Rows,
            Period = Dates.PeriodOf(all),
            Prices = [.. Pricing.PricesOf(price)],
            Entities = [price.Model],
            Senses = [Sense.Costs],
        };
        var output = new List<FactDraft>(facts) { draft };
        var summary = $"{{{{f:{key}.total}}}} on {{{{t:{key}.model}}}}.";
        if (spend is { Value: > 0 })
        {
            output.Add(Derive.Difference(key + ".difference", cost <= spend.Value ? spend : draft, cost <= spend.Value ? draft : spend,
                cost <= spend.Value ? $"what {price.Model} would have saved" : $"what {price.Model} would have cost on top") with
            {
                Entities = [price.Model],
                Senses = cost <= spend.Value ? [Sense.Saves, Sense.Less] : [Sense.Up],
            });
            output.Add(Derive.Percent(key + ".percent", output[^1], spend, "share of spend") with
            {
                Entities = [price.Model],
                Senses = cost <= spend.Value ? [Sense.Saves, Sense.Less] : [Sense.Up],
            });
            summary = $"{{{{f:{key}.total}}}} on {{{{t:{key}.model}}}}, {{{{f:{key}.difference}}}} {(cost <= spend.Value ? "less" : "more")}.";
        }

        return new ToolOutput(summary, $"The same requests, each token kind × {price.Model}'s list price", output)
        {
            Terms = new Dictionary<string, string> { [key + ".model"] = price.Model },
        };
    }
}
