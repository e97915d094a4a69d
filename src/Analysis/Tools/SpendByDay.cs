using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>Spend by day against a seasonal baseline: which day stands out, and what made it.</summary>
internal sealed class SpendByDay() : UsageTool<ToolArguments>(
    "spend_by_day", 1, "Spend by day, the day that stands out and what made it.", ToolJson.Default.ToolArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var daily = await DailySpend.ReadAsync(work, cancellationToken);
        if (daily.Days.Count == 0) return new ToolOutput("No day has a request with a price.", "Spend by day", []) { Missing = "price" };
        var facts = Days(work, daily);
        var terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken);
        var summary = $"{{{{f:{work.Key("count.days")}}}}} days, none of which stands out.";
        facts.Add(new FactDraft(work.Key("count.days"), daily.Days.Count, FactUnit.Days, "days in the period", "count of days")
        {
            Rows = work.Rows,
            RowCount = daily.Days.Sum(day => day.Totals.Rows),
            Period = facts[0].Period,
        });
        facts.Add(new FactDraft(work.Key("spend.day.median"), DailySpend.Median(daily.Days.Select(day => day.Totals.Cost)), FactUnit.Usd, "spend of a middling day", "median of all days")
        {
            Operands = [.. daily.Days.Select(day => DayKey(work, day))],
        });
        if (daily.Days.MaxBy(day => day.Totals.Cost) is { Totals.Rows: > 0 } top)
        {
            terms[work.Key("day.top")] = Dates.Weekday(top.Day);
            var index = facts.FindIndex(fact => fact.Key == DayKey(work, top));
            facts[index] = facts[index] with { Senses = [Sense.Most, Sense.Costs] };
            terms[work.Key("day.top.key")] = DayKey(work, top);
        }

        if (daily.Unusual is { } unusual)
        {
            summary = await ExplainAsync(work, unusual, facts, terms, cancellationToken);
        }

        return new ToolOutput(summary, "Spend by day; a day stands out that lies far above the median of its peers", facts)
        {
            Terms = terms,
            Chart = Chart(work, daily, facts, terms),
            Items = [.. daily.Days.Select(day => Dates.Iso(day.Day))],
        };
    }

    public static string DayKey(Work work, DayTotals day) => work.Key("spend.day." + Dates.Iso(day.Day));

    /// <summary>A fact per day.</summary>
    public static List<FactDraft> Days(Work work, DailySpend daily) =>
    [
        .. daily.Days.Select(day => new FactDraft(DayKey(work, day), day.Totals.Cost, FactUnit.Usd, "spend on " + Dates.Weekday(day.Day), "tokens of each kind × their price, summed over the day")
        {
            Rows = work.Rows with { From = day.Day, To = day.Day, Priced = true }, RowCount = day.Totals.Rows, Period = Dates.PeriodOf(day.Totals),
        }),
    ];

    public static ChartDraft Chart(Work work, DailySpend daily, List<FactDraft> facts, Dictionary<string, string> terms)
    {
        var unusual = daily.Unusual;
        return new ChartDraft(
            "Spend by day", terms.GetValueOrDefault(work.Key("period.caption"), "All days") + ", USD", "line", FactUnit.Usd,
            unusual is null
                ? $"Spend by day. A middling day costs {{{{f:{work.Key("spend.day.median")}}}}}."
                : $"Spend by day. {{{{t:{work.Key("anomaly.day")}}}}} cost {{{{f:{DayKey(work, unusual.Day)}}}}}; {{{{f:{work.Key("anomaly.usual")}}}}} is usual.",
            [.. daily.Days.Select(day => new ChartPointDraft(
                Dates.Iso(day.Day), day.Totals.Cost, facts.Exists(fact => fact.Key == DayKey(work, day)) ? DayKey(work, day) : null,
                day == unusual?.Day, day == unusual?.Day ? "anomaly" : null,
                Note: day == unusual?.Day ? $"a usual {{{{t:{work.Key("anomaly.peer")}}}}} is {{{{f:{work.Key("anomaly.usual")}}}}}" : null))]);
    }

    private static async Task<string> ExplainAsync(
        Work work, UnusualDay unusual, List<FactDraft> facts, Dictionary<string, string> terms, CancellationToken cancellationToken)
    {
        var day = unusual.Day.Day;
        var key = DayKey(work, unusual.Day);
        var index = facts.FindIndex(fact => fact.Key == key);
        facts[index] = facts[index] with { Senses = [Sense.Up, Sense.Most, Sense.Costs] };
        var peer = unusual.BySameWeekday ? day.ToString("dddd", System.Globalization.CultureInfo.InvariantCulture) : DailySpend.IsWeekend(day) ? "weekend day" : "weekday";
        facts.Add(new FactDraft(work.Key("anomaly.usual"), unusual.Usual, FactUnit.Usd, $"a usual {peer}", $"median of the other {peer}s")
        {
            Operands = [.. unusual.Peers.Select(other => DayKey(work, other))],
        });
        facts.Add(Derive.Ratio(work.Key("anomaly.times"), facts[index], facts[^1], $"the day against a usual {peer}") with { Senses = [Sense.Up] });
        facts.Add(Derive.Difference(work.Key("anomaly.over"), facts[index], facts[^2], $"spend above a usual {peer}") with { Senses = [Sense.Up] });
        terms[work.Key("anomaly.day")] = Dates.Weekday(day);
        terms[work.Key("anomaly.date")] = Dates.Span(day, day, withYear: false);
        terms[work.Key("anomaly.peer")] = peer;
        var summary = $"{{{{t:{work.Key("anomaly.day")}}}}} cost {{{{f:{key}}}}}, {{{{f:{work.Key("anomaly.times")}}}}} a usual {{{{t:{work.Key("anomaly.peer")}}}}}.";
        if (await UnusualCause.FindAsync(work, unusual, cancellationToken) is not { } cause) return summary;

        var model = work.NameOf(cause.Model);
        string[] entities = [.. new[] { cause.Feature, model }.OfType<string>()];
        FactDraft Cause(string name, decimal value, string unit, string subject) =>
            new(work.Key("anomaly.cause." + name), value, unit, subject, name == "cost" ? "tokens of each kind × their price, summed over those hours" : "sum over those hours")
            {
                Rows = cause.Rows,
                RowCount = cause.Totals.Rows,
                Period = Dates.PeriodOf(cause.Totals),
                Entities = entities,
                Senses = [Sense.Costs],
            };
        var slots = await work.Session.BySlotAsync(cause.Rows, cancellationToken);
        facts.Add(Cause("cost", cause.Totals.Cost, FactUnit.Usd, $"{Names.Shown(cause.Feature)} on {model} in those hours") with { Prices = work.Pricing.PricesOf(slots.Select(slot => slot.Slot)) });
        facts.Add(Cause("requests", cause.Totals.Requests, FactUnit.Requests, "requests in those hours"));
        facts.Add(Cause("input_tokens", cause.Totals.Input, FactUnit.Tokens, "input tokens in those hours"));
        facts.Add(Cause("output_tokens", cause.Totals.Output, FactUnit.Tokens, "output tokens in those hours"));
        var times = cause.Times(work.Scope);
        terms[work.Key("anomaly.from")] = times.From;
        terms[work.Key("anomaly.to")] = times.To;
        terms[work.Key("anomaly.zone")] = work.Scope.TimeZone;
        if (cause.Feature is not null) terms[work.Key("anomaly.feature")] = cause.Feature;
        if (model is not null) terms[work.Key("anomaly.model")] = model;
        if (PinToUsual.PriceOf(work, cause) is { } price)
        {
            terms[work.Key("anomaly.usual_model")] = cause.UsualModel!;
            facts.Add(Cause("on_usual_model", Rates.Of(price, batch: false).Cost(cause.Totals), FactUnit.Usd, $"the same requests on {cause.UsualModel}") with
            {
                Formula = $"tokens of each kind × {price.Model}'s list price",
                Prices = [.. Pricing.PricesOf(price)],
                Entities = [.. entities, cause.UsualModel!],
            });
        }

        return summary;
    }
}
