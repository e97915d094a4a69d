using System.Globalization;
using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>Spend to the end of the last month of the data: what was spent, and usual days for those that remain.</summary>
/// <remarks>
/// A remaining day costs the median of its kind (weekday or weekend), days that stand out left out. The band holds 80 %: the
/// days' spreads as independent errors, plus the error of each kind's own level, which all its days share.
/// </remarks>
internal sealed class ForecastMonthEnd() : UsageTool<ToolArguments>(
    "forecast_month_end", 1, "Spend to the end of the month, with an 80 % band.", ToolJson.Default.ToolArguments)
{
    private const int FewestDays = 7;
    private const decimal Z80 = 1.2816m;

    // The standard error of a median is that of the mean times the square root of pi/2.
    private const decimal MedianVariance = 1.5708m;

    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var daily = await DailySpend.ReadAsync(work, cancellationToken);
        if (daily.Days.Count < FewestDays) return new ToolOutput("The data covers too few days to forecast.", "Forecast to the end of the month", []) { Missing = "days" };
        var last = daily.Days[^1].Day;
        var end = new DateOnly(last.Year, last.Month, DateTime.DaysInMonth(last.Year, last.Month));
        var month = daily.Days.Where(day => day.Day.Year == last.Year && day.Day.Month == last.Month).ToArray();
        var facts = SpendByDay.Days(work, daily);
        var terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken);
        terms[work.Key("forecast.month")] = last.ToString("MMMM", CultureInfo.InvariantCulture);
        var spent = month.Sum(day => day.Totals.Cost);
        facts.Add(new FactDraft(work.Key("forecast.spent"), spent, FactUnit.Usd, $"spend in {terms[work.Key("forecast.month")]} so far", "sum of its days")
        {
            Operands = [.. month.Select(day => SpendByDay.DayKey(work, day))],
        });
        if (last == end)
        {
            return new ToolOutput($"{{{{t:{work.Key("forecast.month")}}}}} is complete: {{{{f:{work.Key("forecast.spent")}}}}}.", "Forecast to the end of the month", facts) { Terms = terms, Missing = "complete" };
        }

        var usual = daily.Days.Where(day => day != daily.Unusual?.Day).ToArray();
        var remaining = new List<(DateOnly Day, decimal Expected, decimal Sigma)>();
        decimal variance = 0;
        foreach (var isWeekend in (bool[])[false, true])
        {
            var kind = usual.Where(day => DailySpend.IsWeekend(day.Day) == isWeekend).Select(day => day.Totals.Cost).ToArray();
            if (kind.Length < 2) kind = [.. usual.Select(day => day.Totals.Cost)];
            var (level, sigma) = (DailySpend.Median(kind), Deviation(kind));
            var days = Enumerable.Range(1, end.DayNumber - last.DayNumber).Select(last.AddDays).Where(day => DailySpend.IsWeekend(day) == isWeekend).ToArray();
            remaining.AddRange(days.Select(day => (day, level, sigma)));
            variance += days.Length * sigma * sigma + days.Length * days.Length * MedianVariance * sigma * sigma / kind.Length;
        }

        var rest = remaining.Sum(day => day.Expected);
        var half = Z80 * Root(variance);
        var places = spent + rest >= 100 ? 0 : (int?)null;
        string[] operands = [work.Key("forecast.spent"), .. usual.Select(day => SpendByDay.DayKey(work, day))];
        FactDraft Forecast(string name, decimal value, string subject, string formula) => new(work.Key("forecast." + name), decimal.Round(value, 12, MidpointRounding.AwayFromZero), FactUnit.Usd, subject, formula)
        {
            Operands = operands,
            Places = places,
        };
        var spentKey = $"{{{{f:{work.Key("forecast.spent")}}}}}";
        var name = terms[work.Key("forecast.month")];
        facts.Add(Forecast("month_end", spent + rest, $"{name} at its end, forecast", $"{spentKey} + the median weekday or weekend day for each day that remains"));
        facts.Add(Forecast("low", spent + Math.Max(0, rest - half), $"{name} at its end, lower end of the 80 % band", $"{spentKey} + expected days − 1.2816 × their spread"));
        facts.Add(Forecast("high", spent + rest + half, $"{name} at its end, upper end of the 80 % band", $"{spentKey} + expected days + 1.2816 × their spread"));
        facts.Add(new FactDraft(work.Key("forecast.confidence"), 80, FactUnit.Percent, "confidence of the band", "chosen") { Operands = [work.Key("forecast.low"), work.Key("forecast.high")], Places = 0 });
        var draft = await ChartAsync(work, daily, facts, terms, cancellationToken);
        return new ToolOutput(
            $"{{{{t:{work.Key("forecast.month")}}}}} ends near {{{{f:{work.Key("forecast.month_end")}}}}}, between {{{{f:{work.Key("forecast.low")}}}}} and {{{{f:{work.Key("forecast.high")}}}}}.",
            "Days so far, and a usual weekday or weekend day for each day that remains", facts)
        {
            Terms = terms,
            Chart = draft with
            {
                Caption = Dates.Span(daily.Days[0].Day, end, withYear: true) + ", USD",
                Points = [.. draft.Points, .. remaining.OrderBy(day => day.Day).Select(day => new ChartPointDraft(
                    Dates.Iso(day.Day), day.Expected, Mark: "forecast", Low: decimal.Round(Math.Max(0, day.Expected - Z80 * day.Sigma), 12), High: decimal.Round(day.Expected + Z80 * day.Sigma, 12)))],
            },
        };
    }

    private static async Task<ChartDraft> ChartAsync(Work work, DailySpend daily, List<FactDraft> facts, Dictionary<string, string> terms, CancellationToken cancellationToken)
    {
        // The chart is the daily one, with the days to come; its notes refer to the daily tool's facts.
        var byDay = await new SpendByDay().RunAsync(
            new ToolContext(work.Session, work.Prices), System.Text.Json.JsonSerializer.Serialize(new ToolArguments(work.Scope), ToolJson.Default.ToolArguments), cancellationToken);
        facts.AddRange(byDay.Facts.Where(fact => !facts.Exists(known => known.Key == fact.Key)));
        foreach (var (key, term) in byDay.Terms) terms.TryAdd(key, term);
        return SpendByDay.Chart(work, daily, facts, terms);
    }

    private static decimal Deviation(decimal[] values)
    {
        var mean = values.Average();
        return Root(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1));
    }

    /// <summary>Square root by Newton's method: the same digits on every machine.</summary>
    internal static decimal Root(decimal value)
    {
        if (value <= 0) return 0;
        var root = value > 1 ? value / 2 : value;
        for (var i = 0; i < 200; i++)
        {
            var next = (root + value / root) / 2;
            if (Math.Abs(next - root) < 0.000_000_000_000_000_1m) return next;
            root = next;
        }

        return root;
    }
}
