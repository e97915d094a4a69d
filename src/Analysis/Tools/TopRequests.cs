using System.Globalization;
using Throughline.Analysis.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>The single requests that cost the most, or used the most tokens.</summary>
internal sealed class TopRequests() : UsageTool<TopRequestsArguments>(
    "top_requests", 1, "The requests that cost the most, or used the most tokens.", ToolJson.Default.TopRequestsArguments)
{
    protected override async Task<ToolOutput> RunAsync(Work work, TopRequestsArguments arguments, CancellationToken cancellationToken)
    {
        var (where, parameters) = work.Rows.ToSql();
        const string Tokens = "(input_uncached + cache_read + cache_write_5m + cache_write_1h + output)";
        if (arguments.MinTokens is { } least)
        {
            where += $" AND {Tokens} > $p_least";
            parameters.Add(new DuckDB.NET.Data.DuckDBParameter("p_least", least));
        }

        var order = arguments.Order == "tokens" ? $"{Tokens} DESC, cost DESC NULLS LAST" : $"cost DESC NULLS LAST, {Tokens} DESC";
        var rows = await work.Session.QueryAsync(
            string.Create(CultureInfo.InvariantCulture,
                $"SELECT source_line, cost, {Tokens}, model, feature, \"at\" FROM priced WHERE {where} ORDER BY {order}, \"at\", row_number LIMIT {Math.Clamp(arguments.Top, 1, 100)}"),
            reader => (Line: reader.GetInt64(0), Cost: reader.IsDBNull(1) ? (decimal?)null : reader.GetDecimal(1), Tokens: reader.GetInt64(2),
                Model: reader.IsDBNull(3) ? null : reader.GetString(3), Feature: reader.IsDBNull(4) ? null : reader.GetString(4),
                At: reader.IsDBNull(5) ? (DateTime?)null : reader.GetDateTime(5)), cancellationToken, parameters);
        var facts = new List<FactDraft>();
        var terms = await SpendTotal.PeriodTermsAsync(work, cancellationToken);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(work.Scope.TimeZone);
        var items = new List<string>();
        foreach (var row in rows)
        {
            var item = (items.Count + 1).ToString(CultureInfo.InvariantCulture);
            var model = work.NameOf(row.Model);
            items.Add(item);
            FactDraft Fact(string name, decimal value, string unit) => new(work.Key($"top.{item}.{name}"), value, unit, $"request on line {row.Line} of the file", name == "cost" ? "tokens of each kind × their price" : "all tokens of the request")
            {
                Rows = work.Rows,
                RowCount = 1,
                Entities = [.. new[] { model, row.Feature }.OfType<string>()],
                Senses = item == "1" ? [Sense.Most, Sense.Costs] : [Sense.Costs],
            };
            if (row.Cost is { } cost) facts.Add(Fact("cost", cost, FactUnit.Usd));
            facts.Add(Fact("tokens", row.Tokens, FactUnit.Tokens));
            terms[work.Key($"top.{item}.line")] = row.Line.ToString(CultureInfo.InvariantCulture);
            terms[work.Key($"top.{item}.model")] = Names.Shown(model);
            terms[work.Key($"top.{item}.feature")] = Names.Shown(row.Feature);
            terms[work.Key($"top.{item}.at")] = row.At is { } at ? Dates.Local(at, zone).ToString("d MMM HH:mm", CultureInfo.InvariantCulture) : "";
        }

        if (arguments.MinTokens is { } limit)
        {
            var counts = await work.Session.QueryAsync(
                $"SELECT count(*)::BIGINT, coalesce(sum(cost), 0)::DECIMAL(38,12) FROM priced WHERE {where}", reader => (Rows: reader.GetInt64(0), Cost: reader.GetDecimal(1)), cancellationToken, work.Rows.ToSql().Parameters.Append(new("p_least", limit)));
            facts.Add(new FactDraft(work.Key("over.limit"), limit, FactUnit.Tokens, "the limit asked about", "as asked"));
            facts.Add(new FactDraft(work.Key("over.requests"), counts[0].Rows, FactUnit.Requests, "requests above the limit", "count of rows") { Rows = work.Rows, RowCount = counts[0].Rows, Senses = [Sense.Up] });
            facts.Add(new FactDraft(work.Key("over.cost"), counts[0].Cost, FactUnit.Usd, "cost of the requests above the limit", "sum of their costs") { Rows = work.Rows, RowCount = counts[0].Rows, Senses = [Sense.Up, Sense.Costs] });
        }

        return new ToolOutput(
            items.Count == 0 ? "No request matches." : facts[0].Unit == FactUnit.Usd
                ? $"The costliest request cost {{{{f:{work.Key("top.1.cost")}}}}}." : $"The largest request used {{{{f:{work.Key("top.1.tokens")}}}}} tokens.",
            "Requests in order of " + (arguments.Order == "tokens" ? "tokens" : "cost"), facts)
        { Terms = terms, Items = items };
    }
}
