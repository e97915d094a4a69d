using System.Globalization;
using DuckDB.NET.Data;

namespace Throughline.Analysis.Tools;

/// <summary>A column that spend is broken down by.</summary>
internal enum Dimension
{
    Model, User, Feature, Team, Day, Slot,
}

internal sealed record GroupTotals(string? Name, Totals Totals);

/// <summary>Totals over priced rows, from the hourly table where it can tell.</summary>
internal static class UsageQueries
{
    public static async Task<Totals> TotalAsync(this UsageSession session, RowFilter filter, CancellationToken cancellationToken)
    {
        var (where, parameters) = filter.ToSql();
        var rows = await session.QueryAsync(
            $"SELECT {Pricing.Sums} FROM {Table(filter)} WHERE {where}", reader => ReadTotals(reader, 0), cancellationToken, parameters);
        return rows[0];
    }

    /// <summary>Largest first; by name where two cost the same.</summary>
    public static Task<List<GroupTotals>> ByAsync(
        this UsageSession session, RowFilter filter, Dimension by, CancellationToken cancellationToken)
    {
        var (where, parameters) = filter.ToSql();
        var column = by switch
        {
            Dimension.Model => "model",
            Dimension.User => "user_id",
            Dimension.Feature => "feature",
            Dimension.Team => "team",
            Dimension.Day => "strftime(hour, '%Y-%m-%d')",
            Dimension.Slot => "slot::VARCHAR",
        };
        var table = by == Dimension.User ? "priced" : Table(filter);
        return session.QueryAsync(
            $"SELECT {column} AS name, {Pricing.Sums}, coalesce(sum(cost), 0) AS spent FROM {table} WHERE {where} GROUP BY name "
            + "ORDER BY spent DESC, sum(input_uncached + cache_read + output) DESC, name NULLS LAST",
            reader => new GroupTotals(reader.IsDBNull(0) ? null : reader.GetString(0), ReadTotals(reader, 1)), cancellationToken, parameters);
    }

    public static async Task<List<(int Slot, Totals Totals)>> BySlotAsync(this UsageSession session, RowFilter filter, CancellationToken cancellationToken) =>
        [.. (await session.ByAsync(filter with { Priced = true }, Dimension.Slot, cancellationToken))
            .Select(group => (int.Parse(group.Name!, CultureInfo.InvariantCulture), group.Totals)).OrderBy(slot => slot.Item1)];

    /// <summary>The first rows that match, in file order, as the importer read them.</summary>
    public static Task<List<IReadOnlyDictionary<string, string>>> FirstRowsAsync(
        this UsageSession session, RowFilter filter, int count, CancellationToken cancellationToken)
    {
        var (where, parameters) = filter.ToSql();
        return session.QueryAsync(
            // The inner query reads only the columns of the predicate; the outer one only the row groups that hold the few rows found.
            string.Create(CultureInfo.InvariantCulture, $"""
                SELECT * EXCLUDE (row_number, slot, row_count, first_at, last_at, hour) FROM priced
                WHERE row_number IN (SELECT row_number FROM priced WHERE {where} ORDER BY row_number LIMIT {count}) AND {where}
                ORDER BY row_number LIMIT {count}
                """),
            ReadRow, cancellationToken, parameters);
    }

    public static string Table(RowFilter filter) => filter.NeedsRows ? "priced" : "hourly";

    public static Totals ReadTotals(DuckDBDataReader reader, int at) => reader.IsDBNull(at)
        ? Totals.None
        : new Totals(
            reader.GetInt64(at), reader.GetInt64(at + 1), reader.GetInt64(at + 2), reader.GetInt64(at + 3), reader.GetInt64(at + 4),
            reader.GetInt64(at + 5), reader.GetInt64(at + 6), reader.GetDecimal(at + 7),
            reader.IsDBNull(at + 8) ? null : reader.GetDateTime(at + 8), reader.IsDBNull(at + 9) ? null : reader.GetDateTime(at + 9));

    private static IReadOnlyDictionary<string, string> ReadRow(DuckDBDataReader reader)
    {
        var row = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (reader.IsDBNull(i)) continue;
            row[reader.GetName(i)] = reader.GetValue(i) switch
            {
                DateTime at => at.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                decimal money => Facts.FigureFormat.Exact(money),
                bool flag => flag ? "true" : "false",
                IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
                var value => value.ToString() ?? "",
            };
        }

        return row;
    }
}
