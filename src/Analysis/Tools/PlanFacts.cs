using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>The facts of one saving.</summary>
internal static class PlanFacts
{
    public static IEnumerable<FactDraft> Of(Saving saving, string key)
    {
        FactDraft Fact(string name, decimal value, string unit, string subject, string formula) => new($"{key}.{name}", value, unit, subject, formula)
        {
            Rows = saving.Rows,
            RowCount = saving.Affected,
            Period = Dates.PeriodOf(saving.Totals),
            Prices = saving.Prices,
            Entities = saving.Entities,
            Senses = [Sense.Saves],
        };
        yield return Fact("saving", saving.Saved, FactUnit.Usd, $"what it would have saved on {Names.Shown(saving.Feature)}", saving.Kind switch
        {
            "cache" => "prefix tokens read again within 5 minutes × (input price − cached price), less what writing them costs more",
            "duplicates" => "cost of requests whose prompt the same model had answered within 24 hours",
            "batch" => "cost at list price − cost at batch price",
            _ => "cost as it was − the same requests at the usual model's list price",
        });
        yield return Fact("requests", saving.Affected, FactUnit.Requests, "requests that it reaches", "count of rows") with { Prices = [] };
        if (saving.PrefixTokens is { } prefix) yield return Fact("prefix", prefix, FactUnit.Tokens, "tokens that the requests share", "length of the shared prefix") with { Prices = [] };
    }
}
