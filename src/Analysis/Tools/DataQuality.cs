using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>What is odd in the data: failed, undated, empty and unnamed rows, and ids that repeat.</summary>
internal sealed class DataQuality() : UsageTool<ToolArguments>(
    "data_quality", 1, "Failed requests, missing values and repeated ids.", ToolJson.Default.ToolArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, ToolArguments arguments, CancellationToken cancellationToken)
    {
        var (where, parameters) = work.Rows.ToSql();
        var found = await work.Session.QueryAsync($"""
            SELECT count(*)::BIGINT, count(*) FILTER (status = 'error')::BIGINT, coalesce(sum(cost) FILTER (status = 'error'), 0)::DECIMAL(38,12),
                count(*) FILTER ("at" IS NULL)::BIGINT, count(*) FILTER (model IS NULL)::BIGINT,
                count(*) FILTER (input_uncached + cache_read + cache_write_5m + cache_write_1h + output = 0)::BIGINT,
                (count(request_id) - count(DISTINCT request_id))::BIGINT, count(status)::BIGINT
            FROM priced WHERE {where}
            """,
            reader => (Rows: reader.GetInt64(0), Failed: reader.GetInt64(1), FailedCost: reader.GetDecimal(2), Undated: reader.GetInt64(3), Unnamed: reader.GetInt64(4),
                Empty: reader.GetInt64(5), Repeated: reader.GetInt64(6), Known: reader.GetInt64(7)), cancellationToken, parameters);
        var row = found[0];
        FactDraft Count(string key, long value, string subject, string? extra) =>
            new(work.Key("quality." + key), value, FactUnit.Rows, subject, "count of rows") { Rows = work.Rows with { Extra = extra }, RowCount = value };
        var facts = new List<FactDraft>
        {
            Count("rows", row.Rows, "rows", null), Count("undated", row.Undated, "rows without a date", "undated"), Count("unnamed", row.Unnamed, "rows without a model", "unnamed"),
            Count("empty", row.Empty, "rows without tokens", "empty"), Count("repeated_ids", row.Repeated, "rows whose request id was seen before", null),
        };
        if (row.Known > 0)
        {
            facts.Add(Count("failed", row.Failed, "failed requests", "failed") with { Unit = FactUnit.Requests });
            facts.Add(new FactDraft(work.Key("quality.failed_cost"), row.FailedCost, FactUnit.Usd, "cost of failed requests", "sum of their costs") { Rows = work.Rows with { Extra = "failed" }, RowCount = row.Failed, Senses = [Sense.Costs] });
            facts.Add(Derive.Percent(work.Key("quality.failed_share"), facts[^2], facts[0], "share of requests that failed"));
        }

        return new ToolOutput(
            row.Known > 0 ? $"{{{{f:{work.Key("quality.failed")}}}}} of {{{{f:{work.Key("quality.rows")}}}}} rows failed." : $"{{{{f:{work.Key("quality.rows")}}}}} rows; the file does not say which failed.",
            "Counts of odd rows", facts)
        {
            Terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken),
            Missing = row.Known > 0 ? null : "status",
        };
    }
}
