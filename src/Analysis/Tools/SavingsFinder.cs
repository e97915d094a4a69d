namespace Throughline.Analysis.Tools;

/// <summary>Finds what the same requests would have cost with a cache, without repeats, or in batches: per feature and model.</summary>
internal static class SavingsFinder
{
    /// <summary>Shorter prefixes are not cached by the providers.</summary>
    public const int LeastPrefix = 1_024;

    private const decimal LeastSaved = 0.005m;

    /// <summary>Share of a feature's requests that must lie in its nightly hours.</summary>
    private const decimal NightlyShare = 0.95m;

    private const int NightlyHours = 6;

    private static readonly string[] DeferrableWords =
        ["batch", "nightly", "offline", "backfill", "digest", "summar", "embedding", "index", "eval", "report", "classif", "etl", "enrich"];

    /// <summary>Writes a prefix at its first use and reads it from the cache while it is used again within five minutes.</summary>
    public static Task<IReadOnlyList<Saving>> CacheAsync(Work work, CancellationToken cancellationToken) => work.Session.OnceAsync<IReadOnlyList<Saving>>(("cache", work.Scope), async () =>
    {
        var (where, parameters) = work.Rows.ToSql();
        var groups = await work.Session.QueryAsync($"""
            SELECT feature, model, slot, count(*)::BIGINT, sum(CASE WHEN hit THEN shared ELSE 0 END)::BIGINT, sum(CASE WHEN hit THEN 0 ELSE shared END)::BIGINT,
                min(shared)::BIGINT, max(shared)::BIGINT, min(first_at), max(last_at)
            FROM (
                SELECT feature, model, slot, first_at, last_at, least(prefix_tokens, input_uncached) AS shared,
                    coalesce("at" <= lag("at") OVER (PARTITION BY model, prefix_hash ORDER BY "at", input_uncached, output, row_number) + INTERVAL 5 MINUTE, FALSE) AS hit
                FROM priced
                WHERE {where} AND prefix_hash IS NOT NULL AND prefix_tokens >= {LeastPrefix} AND input_uncached >= {LeastPrefix} AND slot IS NOT NULL
                    AND cache_read = 0 AND cache_write_5m = 0 AND cache_write_1h = 0 AND NOT is_batch AND "at" IS NOT NULL)
            GROUP BY feature, model, slot ORDER BY feature, model, slot
            """,
            reader => (Feature: Text(reader, 0), Model: Text(reader, 1), Slot: reader.GetInt32(2), Count: reader.GetInt64(3), Hit: reader.GetInt64(4), Miss: reader.GetInt64(5),
                Shortest: reader.GetInt64(6), Longest: reader.GetInt64(7), First: reader.GetDateTime(8), Last: reader.GetDateTime(9)), cancellationToken, parameters);
        var savings = new List<Saving>();
        foreach (var group in groups.GroupBy(group => (group.Feature, group.Model)))
        {
            decimal saved = 0;
            foreach (var part in group)
            {
                var row = work.Pricing.Slots[part.Slot].Row;
                if (row.CachedInput is null) continue;
                var rates = Rates.Of(row, batch: false);
                saved += part.Hit * (rates.Input - rates.CacheRead) - part.Miss * (rates.CacheWrite5m - rates.Input);
            }

            if (saved < LeastSaved) continue;
            var count = group.Sum(part => part.Count);
            var (shortest, longest) = (group.Min(part => part.Shortest), group.Max(part => part.Longest));
            savings.Add(Make(work, "cache", group.Key.Feature, group.Key.Model, saved, work.Rows with { Feature = group.Key.Feature, Model = group.Key.Model, Extra = "prefixed", Priced = true },
                count, group.Select(part => part.Slot), group.Min(part => part.First), group.Max(part => part.Last)) with
            { PrefixTokens = shortest == longest ? longest : null });
        }

        return [.. savings.OrderByDescending(saving => saving.Saved)];
    });

    /// <summary>Requests whose very prompt the same model had answered within a day.</summary>
    public static Task<IReadOnlyList<Saving>> DuplicatesAsync(Work work, CancellationToken cancellationToken) => work.Session.OnceAsync<IReadOnlyList<Saving>>(("duplicates", work.Scope), async () =>
    {
        var (where, parameters) = work.Rows.ToSql();
        var groups = await work.Session.QueryAsync($"""
            SELECT feature, model, slot, count(*)::BIGINT, sum(cost)::DECIMAL(38,12), min(first_at), max(last_at)
            FROM (
                SELECT feature, model, slot, cost, first_at, last_at,
                    "at" <= lag("at") OVER (PARTITION BY model, prompt_hash ORDER BY "at", input_uncached, output, row_number) + INTERVAL 24 HOUR AS again
                FROM priced WHERE {where} AND prompt_hash IS NOT NULL AND slot IS NOT NULL AND "at" IS NOT NULL)
            WHERE again GROUP BY feature, model, slot ORDER BY feature, model, slot
            """,
            reader => (Feature: Text(reader, 0), Model: Text(reader, 1), Slot: reader.GetInt32(2), Count: reader.GetInt64(3), Cost: reader.GetDecimal(4), First: reader.GetDateTime(5), Last: reader.GetDateTime(6)),
            cancellationToken, parameters);
        return [.. groups.GroupBy(group => (group.Feature, group.Model)).Where(group => group.Sum(part => part.Cost) >= LeastSaved)
            .Select(group => Make(work, "duplicates", group.Key.Feature, group.Key.Model, group.Sum(part => part.Cost),
                work.Rows with { Feature = group.Key.Feature, Model = group.Key.Model, Extra = "repeated", Priced = true }, group.Sum(part => part.Count),
                group.Select(part => part.Slot), group.Min(part => part.First), group.Max(part => part.Last)))
            .OrderByDescending(saving => saving.Saved)];
    });

    /// <summary>Features that nobody waits for: by their name, or because they run in a few hours of the night.</summary>
    public static Task<IReadOnlyList<Saving>> BatchAsync(Work work, CancellationToken cancellationToken) => work.Session.OnceAsync<IReadOnlyList<Saving>>(("batch", work.Scope), async () =>
    {
        var rows = work.Rows with { Priced = true, Batch = false };
        var (where, parameters) = rows.ToSql();
        var groups = await work.Session.QueryAsync(
            $"SELECT feature, model, slot, coalesce(date_part('hour', hour), -1)::INTEGER, {Pricing.Sums} FROM {UsageQueries.Table(rows)} WHERE {where} AND feature IS NOT NULL GROUP BY ALL ORDER BY ALL",
            reader => (Feature: reader.GetString(0), Model: Text(reader, 1), Slot: reader.GetInt32(2), Hour: reader.GetInt32(3), Totals: UsageQueries.ReadTotals(reader, 4)), cancellationToken, parameters);
        var savings = new List<Saving>();
        foreach (var feature in groups.GroupBy(group => group.Feature))
        {
            var isNamed = DeferrableWords.Any(word => feature.Key.Contains(word, StringComparison.OrdinalIgnoreCase));
            if (!isNamed && !IsNightly([.. feature.Select(part => (part.Hour, part.Totals.Requests))])) continue;
            foreach (var model in feature.GroupBy(part => part.Model))
            {
                decimal saved = 0;
                foreach (var part in model)
                {
                    var row = work.Pricing.Slots[part.Slot].Row;
                    if (row.BatchInput is not null) saved += part.Totals.Cost - Rates.Of(row, batch: true).Cost(part.Totals);
                }

                if (saved < LeastSaved) continue;
                var totals = model.Aggregate(Totals.None, (sum, part) => sum + part.Totals);
                savings.Add(Make(work, "batch", feature.Key, model.Key, saved, rows with { Feature = feature.Key, Model = model.Key }, totals.Rows,
                    model.Select(part => part.Slot), totals.First ?? default, totals.Last ?? default));
            }
        }

        return [.. savings.OrderByDescending(saving => saving.Saved)];
    });

    private static bool IsNightly(IReadOnlyList<(int Hour, long Requests)> hours)
    {
        var all = hours.Sum(hour => hour.Requests);
        // A window that starts after 20:00 and ends before 08:00.
        for (var start = 20; start <= 26; start++)
        {
            var inside = hours.Where(hour => hour.Hour >= 0 && (hour.Hour - start + 48) % 24 < NightlyHours).Sum(hour => hour.Requests);
            if (inside >= NightlyShare * all) return true;
        }

        return false;
    }

    private static Saving Make(
        Work work, string kind, string? feature, string? model, decimal saved, RowFilter rows, long affected, IEnumerable<int> slots, DateTime first, DateTime last) =>
        new(kind, feature, work.NameOf(model), saved, rows, affected, Totals.None with { Rows = affected, First = first, Last = last })
        {
            Prices = work.Pricing.PricesOf(slots.Distinct()),
            Entities = [.. new[] { feature, work.NameOf(model) }.OfType<string>()],
        };

    private static string? Text(DuckDB.NET.Data.DuckDBDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
