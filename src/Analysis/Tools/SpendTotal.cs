using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>What the requests cost, how many there were and how many tokens they used.</summary>
internal sealed class SpendTotal() : UsageTool<ToolArguments>(
    "spend_total", 1, "Total spend, requests and tokens.", ToolJson.Default.ToolArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var facts = await FactsAsync(work, cancellationToken);
        var requests = work.Key("spend.requests");
        var total = work.Key("spend.total");
        var known = facts.Any(fact => fact.Key == total);
        return new ToolOutput(
            known ? $"{{{{f:{total}}}}} for {{{{f:{requests}}}}} requests." : $"{{{{f:{requests}}}}} requests, none of which has a price.",
            "Sum of each token kind times its price, over " + work.Rows.ToWords(), facts)
        {
            Terms = await PeriodTermsAsync(work, cancellationToken),
            Missing = known ? null : work.Pricing.Models.All(model => model.Spelling is null) && work.Scope.AssumedModel is null ? "model" : "price",
        };
    }

    /// <summary>Also used by tools whose formulas start from the total.</summary>
    public static async Task<List<FactDraft>> FactsAsync(Work work, CancellationToken cancellationToken)
    {
        var (session, rows) = (work.Session, work.Rows);
        var slots = await session.BySlotAsync(rows, cancellationToken);
        var all = await session.TotalAsync(rows, cancellationToken);
        var priced = slots.Aggregate(Totals.None, (sum, slot) => sum + slot.Totals);
        var assumed = work.NameOf(null);
        string[] entities = assumed is null ? [] : [assumed];
        var facts = new List<FactDraft>();
        if (priced.Rows > 0)
        {
            facts.Add(new FactDraft(
                work.Key("spend.total"), priced.Cost, FactUnit.Usd, assumed is null ? "total spend at list price" : $"total spend at {assumed}'s list price",
                "tokens of each kind × their price, summed over the requests that have a price")
            {
                Rows = rows with { Priced = true },
                RowCount = priced.Rows,
                Period = Dates.PeriodOf(priced),
                Prices = work.Pricing.PricesOf(slots.Select(slot => slot.Slot)),
                Entities = entities,
                Senses = [Sense.Costs],
            });
        }

        FactDraft Count(string key, decimal value, string unit, string subject, string formula) =>
            new(work.Key(key), value, unit, subject, formula) { Rows = rows, RowCount = all.Rows, Period = Dates.PeriodOf(all), Entities = entities };
        facts.Add(Count("spend.requests", all.Requests, FactUnit.Requests, "requests", "count of requests"));
        if (priced.Requests > 0 && priced.Requests < all.Requests)
        {
            facts.Add(Count("spend.priced_requests", priced.Requests, FactUnit.Requests, "requests that have a price", "count of requests with a price") with
            {
                Rows = rows with { Priced = true },
                RowCount = priced.Rows,
            });
        }

        facts.Add(Count("spend.input_tokens", all.Input, FactUnit.Tokens, "input tokens, cached ones included", "uncached input + cache reads + cache writes"));
        facts.Add(Count("spend.output_tokens", all.Output, FactUnit.Tokens, "output tokens", "sum of output tokens"));
        if (all.CacheRead > 0) facts.Add(Count("spend.cache_read_tokens", all.CacheRead, FactUnit.Tokens, "input tokens read from the cache", "sum of cache reads"));
        if (priced.Rows > 0 && priced.Requests > 0)
        {
            facts.Add(new FactDraft(
                work.Key("spend.per_request"), priced.Cost / priced.Requests, FactUnit.Usd, "mean cost of a request",
                $"{{{{f:{work.Key("spend.total")}}}}} ÷ priced requests")
            {
                Operands = [work.Key("spend.total")],
                Rows = rows with { Priced = true },
                RowCount = priced.Rows,
                Period = Dates.PeriodOf(priced),
                Entities = entities,
            });
        }

        return facts;
    }

    /// <summary>The period in words, by the user's calendar.</summary>
    public static async Task<Dictionary<string, string>> PeriodTermsAsync(Work work, CancellationToken cancellationToken)
    {
        var all = await work.Session.TotalAsync(work.Rows, cancellationToken);
        var terms = new Dictionary<string, string>();
        if (all.First is { } first && all.Last is { } last)
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(work.Scope.TimeZone);
            terms[work.Key("period")] = Dates.Span(Dates.Local(first, zone), Dates.Local(last, zone), withYear: false);
            terms[work.Key("period.caption")] = Dates.Span(Dates.Local(first, zone), Dates.Local(last, zone), withYear: true);
        }

        if (work.NameOf(null) is { } assumed) terms[work.Key("assumed")] = assumed;
        terms[work.Key("priced_on")] = Dates.Full(work.Scope.PricedOn);
        return terms;
    }
}
