using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>Percentiles of tokens and, where the data has them, of latency and time to first token.</summary>
internal sealed class Percentiles() : UsageTool<ToolArguments>(
    "percentiles", 1, "Percentiles of latency and tokens.", ToolJson.Default.ToolArguments)
{
    private static readonly (string Name, string Column, string Unit, string Subject)[] Measures =
    [
        ("latency", "latency_ms", FactUnit.Milliseconds, "latency"), ("first_token", "first_token_ms", FactUnit.Milliseconds, "time to first token"),
        ("input", "input_uncached + cache_read + cache_write_5m + cache_write_1h", FactUnit.Tokens, "input tokens of a request"), ("output", "output", FactUnit.Tokens, "output tokens of a request"),
    ];

    private static readonly int[] Ranks = [50, 90, 95, 99];

    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var (where, parameters) = work.Rows.ToSql();
        var columns = Measures.Select(measure => $"count({measure.Column})::BIGINT, " + string.Join(", ", Ranks.Select(rank => $"quantile_disc({measure.Column}, 0.{rank:00})::DOUBLE")));
        // Aggregated rows hold sums of many requests; a percentile of those would say nothing.
        var values = await work.Session.QueryAsync(
            $"SELECT {string.Join(", ", columns)} FROM priced WHERE {where} AND requests = 1",
            reader => Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? 0 : Convert.ToDecimal(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)).ToArray(),
            cancellationToken, parameters);
        var facts = new List<FactDraft>();
        for (var i = 0; i < Measures.Length; i++)
        {
            var count = (long)values[0][i * 5];
            if (count == 0) continue;
            for (var rank = 0; rank < Ranks.Length; rank++)
            {
                facts.Add(new FactDraft(work.Key($"p{Ranks[rank]}.{Measures[i].Name}"), values[0][i * 5 + 1 + rank], Measures[i].Unit,
                    $"{Measures[i].Subject}, percentile {Ranks[rank]}", $"the value that {Ranks[rank]} % of requests do not exceed")
                {
                    Rows = Measures[i].Unit == FactUnit.Milliseconds ? work.Rows with { Extra = "timed" } : work.Rows,
                    RowCount = count,
                });
            }
        }

        var has = facts.Exists(fact => fact.Key == work.Key("p50.latency"));
        return new ToolOutput(
            has ? $"The middling request took {{{{f:{work.Key("p50.latency")}}}}}." : facts.Count > 0 ? $"The middling request had {{{{f:{work.Key("p50.input")}}}}} input tokens." : "No row is a single request.",
            "Percentiles over single requests", facts)
        {
            Terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken),
            Missing = has ? null : "latency",
        };
    }
}
