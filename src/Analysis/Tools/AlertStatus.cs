using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>A limit that spend shall not pass unnoticed, and how often the data passed it.</summary>
internal sealed class AlertStatus() : UsageTool<AmountArguments>(
    "alert_status", 1, "How many days or months passed the amount of an alert.", ToolJson.Default.AmountArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, AmountArguments arguments, CancellationToken cancellationToken)
    {
        var isDaily = arguments.Per == "day";
        var key = work.Key("alert." + arguments.Per);
        var amount = new FactDraft(key + ".amount", arguments.Amount, FactUnit.Usd, isDaily ? "daily spend that sets off the alert" : "monthly spend that sets off the alert", "as its owner said it");
        var facts = new List<FactDraft> { amount };
        var query = $"The amount as it was said; each {arguments.Per} of the data compared with it";
        var spend = isDaily ? await MonthlySpend.DaysAsync(work, cancellationToken) : await MonthlySpend.ReadAsync(work, cancellationToken);
        if (spend.Count == 0) return new ToolOutput($"The alert is at {{{{f:{amount.Key}}}}} a {arguments.Per}.", query, facts) { Missing = "spend" };

        facts.Add(new FactDraft(
            key + ".count", spend.Count(part => part.Totals.Cost > arguments.Amount), isDaily ? FactUnit.Days : FactUnit.Months,
            isDaily ? "days that cost more than the alert's amount" : "months that cost more than the alert's amount", $"count of {arguments.Per}s whose spend is above {{{{f:{amount.Key}}}}}")
        {
            Operands = [amount.Key],
            Rows = work.Rows with { Priced = true },
            RowCount = spend.Sum(part => part.Totals.Rows),
            Senses = [Sense.Up],
        });
        return new ToolOutput($"{{{{f:{key}.count}}}} of the data's {arguments.Per}s passed {{{{f:{amount.Key}}}}}.", query, facts);
    }
}
