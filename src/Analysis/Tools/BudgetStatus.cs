using System.Globalization;
using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>A monthly budget, and how far the last month of the data has used it.</summary>
internal sealed class BudgetStatus() : UsageTool<AmountArguments>(
    "budget_status", 1, "A monthly budget, and what is spent of it.", ToolJson.Default.AmountArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, AmountArguments arguments, CancellationToken cancellationToken)
    {
        var amount = new FactDraft(work.Key("budget.amount"), arguments.Amount, FactUnit.Usd, "monthly budget", "as its owner said it");
        var facts = new List<FactDraft> { amount };
        var query = "The budget as it was said; spend of the last month of the data, day by day";
        if (await MonthlySpend.LastAsync(work, cancellationToken) is not { } month)
            return new ToolOutput($"The budget is {{{{f:{amount.Key}}}}} a month.", query, facts) { Missing = "spend" };

        var name = month.Day.ToString("MMMM yyyy", CultureInfo.InvariantCulture);
        var spent = new FactDraft(work.Key("budget.spent"), month.Totals.Cost, FactUnit.Usd, $"spend in {name}", "sum of its days")
        {
            Rows = work.Rows with { Priced = true },
            RowCount = month.Totals.Rows,
            Period = Dates.PeriodOf(month.Totals),
        };
        facts.Add(spent);
        facts.Add(Derive.Percent(work.Key("budget.share"), spent, amount, $"share of the monthly budget that {name} has used"));
        if (spent.Value > amount.Value) facts.Add(Derive.Difference(work.Key("budget.over"), spent, amount, $"spend of {name} above the budget") with { Senses = [Sense.Up] });
        else facts.Add(Derive.Difference(work.Key("budget.left"), amount, spent, $"what {name} leaves of the budget"));
        return new ToolOutput($"{{{{t:{work.Key("budget.month")}}}}} used {{{{f:{work.Key("budget.share")}}}}} of {{{{f:{amount.Key}}}}}.", query, facts)
        {
            Terms = new Dictionary<string, string> { [work.Key("budget.month")] = name },
        };
    }
}
