using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>List prices of models, per million tokens.</summary>
internal sealed class PriceList() : UsageTool<PriceListArguments>(
    "price_list", 1, "List prices of models, per million tokens.", ToolJson.Default.PriceListArguments)
{
    protected override Task<ToolOutput> RunAsync(Work work, PriceListArguments arguments, CancellationToken cancellationToken)
    {
        var facts = new List<FactDraft>();
        var terms = new Dictionary<string, string> { [work.Key("priced_on")] = Dates.Full(work.Scope.PricedOn) };
        var items = new List<string>();
        var rows = arguments.Models.Select(model => work.Prices.Resolve(model)).OfType<string>().Distinct()
            .Select(model => work.Prices.Find(model, work.Scope.PricedOn)).OfType<Prices.PriceRow>().Take(30).ToArray();
        foreach (var row in rows)
        {
            items.Add(row.Model);
            terms[work.Key($"price.{row.Model}.model")] = row.Model;
            terms[work.Key($"price.{row.Model}.checked")] = Dates.Full(row.SourceDate);
            void Add(string kind, decimal? value)
            {
                if (value is null) return;
                facts.Add(new FactDraft(work.Key($"price.{row.Model}.{kind}"), value.Value, FactUnit.UsdPerMillion, $"{row.Model}, {kind.Replace('_', ' ')}, per million tokens", "row of the price table")
                {
                    Prices = [.. Pricing.PricesOf(row)],
                    Entities = [row.Model],
                    Senses = value == rows.Min(other => other.Input) ? [Sense.Least] : [],
                });
            }

            Add("input", row.Input);
            Add("cached_input", row.CachedInput);
            Add("output", row.Output);
            Add("batch_input", row.BatchInput);
            Add("batch_output", row.BatchOutput);
        }

        return Task.FromResult(new ToolOutput(
            items.Count == 0 ? "No such model is in the price table." : $"{{{{t:{work.Key($"price.{items[0]}.model")}}}}} costs {{{{f:{work.Key($"price.{items[0]}.input")}}}}} for input.",
            "Rows of the price table", facts)
        { Terms = terms, Items = items, Missing = items.Count == 0 ? "price" : null });
    }
}
