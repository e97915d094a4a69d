using System.Globalization;
using System.Text;
using Throughline.Analysis.Prices;
using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>A spelling of a model in the data, and what the price table makes of it.</summary>
/// <param name="Canonical">Its name in the price table; absent where it has none.</param>
internal sealed record SpelledModel(string? Spelling, string? Provider, long Rows, long Requests, string? Canonical);

/// <summary>One price that rows are joined to; its index is the row's <c>slot</c>.</summary>
internal sealed record PriceSlot(string? Spelling, string? Provider, PriceRow Row, DateOnly From, DateOnly To);

/// <summary>The priced rows of a session: every row of the files with its price and its exact cost.</summary>
/// <remarks>
/// Costs are <c>DECIMAL(38,12)</c>: a price per million tokens with up to six decimals is a price per token with
/// twelve, so a product with a whole number of tokens is exact. A row without a price has a null cost, never 0.
/// </remarks>
internal sealed class Pricing
{
    /// <summary>Sets a session's prices apart from what it may forget.</summary>
    public const string Memo = "pricing";

    /// <summary>Adds up to the columns of <c>priced</c> and of <c>hourly</c>; both have the same names.</summary>
    public const string Sums = """
        sum(row_count)::BIGINT, sum(requests)::BIGINT, sum(input_uncached)::BIGINT, sum(cache_read)::BIGINT,
        sum(cache_write_5m)::BIGINT, sum(cache_write_1h)::BIGINT, sum(output)::BIGINT,
        coalesce(sum(cost), 0)::DECIMAL(38,12), min(first_at), max(last_at)
        """;

    private Pricing(IReadOnlyList<SpelledModel> models, IReadOnlyList<PriceSlot> slots, string tableVersion)
    {
        (Models, Slots, TableVersion) = (models, slots, tableVersion);
    }

    public IReadOnlyList<SpelledModel> Models { get; }

    public IReadOnlyList<PriceSlot> Slots { get; }

    public string TableVersion { get; }

    /// <summary>Of no rows: the price list needs none.</summary>
    public static Pricing None(PriceTable prices) => new([], [], prices.Version);

    /// <summary>Joins the session's rows with their prices, once per assumed model, day and time zone.</summary>
    public static async Task<Pricing> EnsureAsync(UsageSession session, PriceTable prices, UsageScope scope, CancellationToken cancellationToken)
    {
        var key = (scope.AssumedModel, scope.PricedOn, scope.TimeZone);
        var pricing = await session.OnceAsync((Memo, key), () => CreateAsync(session, prices, scope, cancellationToken));
        if (!ReferenceEquals(session.Attached, pricing))
        {
            // Another assumption was asked about in between: the views point at one pricing at a time.
            if (session.Attached is not null) await pricing.AttachAsync(session, scope, cancellationToken);
            session.Attached = pricing;
        }

        return pricing;
    }

    private static async Task<Pricing> CreateAsync(UsageSession session, PriceTable prices, UsageScope scope, CancellationToken cancellationToken)
    {
        var models = await session.QueryAsync(
            $"SELECT model, provider, count(*)::BIGINT, sum(requests)::BIGINT FROM {session.Source} GROUP BY ALL ORDER BY ALL",
            reader => new SpelledModel(
                reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.GetInt64(2), reader.GetInt64(3), Canonical: null), cancellationToken);
        var slots = new List<PriceSlot>();
        if (scope.AssumedModel is { } assumed)
        {
            if (prices.Find(assumed, scope.PricedOn) is { } row) slots.Add(new PriceSlot(null, null, row, DateOnly.MinValue, DateOnly.MaxValue));
        }
        else
        {
            for (var i = 0; i < models.Count; i++)
            {
                if (models[i].Spelling is not { } spelling || prices.Resolve(spelling) is not { } canonical) continue;
                models[i] = models[i] with { Canonical = canonical };
                slots.AddRange(prices.Rows.Where(row => row.Model == canonical)
                    .Select(row => new PriceSlot(spelling, models[i].Provider, row, row.From, row.To ?? DateOnly.MaxValue)));
            }
        }

        var pricing = new Pricing(models, slots, prices.Version);
        await pricing.AttachAsync(session, scope, cancellationToken);
        return pricing;
    }

    private async Task AttachAsync(UsageSession session, UsageScope scope, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("""
            CREATE OR REPLACE TEMP TABLE price (
                slot INTEGER, spelling VARCHAR, provider VARCHAR, from_day DATE, to_day DATE,
                input DECIMAL(18,12), cached DECIMAL(18,12), write_5m DECIMAL(18,12), write_1h DECIMAL(18,12), output DECIMAL(18,12),
                batch_input DECIMAL(18,12), batch_cached DECIMAL(18,12), batch_output DECIMAL(18,12))
            """, cancellationToken);
        for (var slot = 0; slot < Slots.Count; slot++)
        {
            var (spelling, provider, row, from, to) = Slots[slot];
            var rates = Rates.Of(row, batch: false);
            var batch = Rates.Of(row, batch: true);
            await session.ExecuteAsync(
                "INSERT INTO price VALUES ($p_slot, $p_spelling, $p_provider, $p_from, $p_to, $p_1, $p_2, $p_3, $p_4, $p_5, $p_6, $p_7, $p_8)", cancellationToken,
                new("p_slot", slot), new("p_spelling", spelling), new("p_provider", provider), new("p_from", from), new("p_to", to),
                new("p_1", rates.Input), new("p_2", rates.CacheRead), new("p_3", rates.CacheWrite5m), new("p_4", rates.CacheWrite1h), new("p_5", rates.Output),
                new("p_6", batch.Input), new("p_7", batch.CacheRead), new("p_8", batch.Output));
        }

        // A row without a date gets the price of the day that the scope names.
        var join = scope.AssumedModel is not null
            ? "TRUE"
            : string.Create(CultureInfo.InvariantCulture, $"""
                p.spelling = u.model AND p.provider IS NOT DISTINCT FROM u.provider
                AND coalesce(u."at"::DATE, DATE '{scope.PricedOn:yyyy-MM-dd}') BETWEEN p.from_day AND p.to_day
                """);
        await session.ExecuteAsync($"""
            CREATE OR REPLACE TEMP VIEW priced AS
            SELECT u.*, p.slot, 1::BIGINT AS row_count, u."at" AS first_at, u."at" AS last_at,
                date_trunc('hour', {await LocalTimeAsync(session, scope, cancellationToken)}) AS hour,
                (u.input_uncached::DECIMAL(18,0) * (CASE WHEN u.is_batch THEN p.batch_input ELSE p.input END)
                + u.cache_read::DECIMAL(18,0) * (CASE WHEN u.is_batch THEN p.batch_cached ELSE p.cached END)
                + u.cache_write_5m::DECIMAL(18,0) * p.write_5m + u.cache_write_1h::DECIMAL(18,0) * p.write_1h
                + u.output::DECIMAL(18,0) * (CASE WHEN u.is_batch THEN p.batch_output ELSE p.output END))::DECIMAL(38,12) AS cost
            FROM {session.Source} u LEFT JOIN price p ON {join}
            """, cancellationToken);
        // Hourly totals answer most questions; they are thousands of rows where the file has a million.
        await session.ExecuteAsync("""
            CREATE OR REPLACE TEMP TABLE hourly AS
            SELECT hour, model, feature, team, is_batch, slot, count(*) AS row_count, sum(requests)::BIGINT AS requests,
                sum(input_uncached)::BIGINT AS input_uncached, sum(cache_read)::BIGINT AS cache_read,
                sum(cache_write_5m)::BIGINT AS cache_write_5m, sum(cache_write_1h)::BIGINT AS cache_write_1h,
                sum(output)::BIGINT AS output, sum(cost)::DECIMAL(38,12) AS cost, min("at") AS first_at, max("at") AS last_at
            FROM priced GROUP BY hour, model, feature, team, is_batch, slot
            """, cancellationToken);
    }

    /// <summary>The request's local time, as SQL built from the zone's own rules; DuckDB's would need an extension.</summary>
    private static async Task<string> LocalTimeAsync(UsageSession session, UsageScope scope, CancellationToken cancellationToken)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(scope.TimeZone);
        if (zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime) return "u.\"at\"";
        var bounds = await session.QueryAsync(
            $"SELECT min(\"at\"), max(\"at\") FROM {session.Source}",
            reader => reader.IsDBNull(0) ? ((DateTime, DateTime)?)null : (reader.GetDateTime(0), reader.GetDateTime(1)), cancellationToken);
        if (bounds[0] is not var (first, last)) return "u.\"at\"";
        var cases = new StringBuilder();
        var day = DateTime.SpecifyKind(first.Date, DateTimeKind.Utc);
        var offset = zone.GetUtcOffset(day);
        for (; day <= last; day = day.AddDays(1))
        {
            if (zone.GetUtcOffset(day.AddDays(1)) == offset) continue;
            // Zones change their offset on a whole quarter of an hour in UTC.
            var change = day;
            while (zone.GetUtcOffset(change) == offset) change = change.AddMinutes(15);
            cases.Append(CultureInfo.InvariantCulture, $"WHEN u.\"at\" < TIMESTAMP '{change:yyyy-MM-dd HH:mm:ss}' THEN {(int)offset.TotalMinutes} ");
            offset = zone.GetUtcOffset(day.AddDays(1));
        }

        var minutes = (int)offset.TotalMinutes;
        return string.Create(CultureInfo.InvariantCulture,
            $"(u.\"at\" + to_minutes({(cases.Length == 0 ? minutes : $"CASE {cases}ELSE {minutes} END")}))");
    }

    /// <summary>The price rows behind a set of slots, as facts carry them.</summary>
    public IReadOnlyList<FactPrice> PricesOf(IEnumerable<int> slots) =>
        [.. slots.Select(slot => Slots[slot].Row).Distinct().OrderBy(row => row.Model, StringComparer.Ordinal).ThenBy(row => row.From).SelectMany(PricesOf)];

    public static IEnumerable<FactPrice> PricesOf(PriceRow row)
    {
        FactPrice Price(string kind, decimal value) => new(row.Model, kind, Facts.FigureFormat.Exact(value), row.From, row.Source, row.SourceDate);
        yield return Price("input", row.Input);
        if (row.CachedInput is { } cached) yield return Price("cached input", cached);
        if (row.CacheWrite5m is { } write) yield return Price("cache write, 5 min", write);
        if (row.CacheWrite1h is { } hour) yield return Price("cache write, 1 h", hour);
        yield return Price("output", row.Output);
        if (row.BatchInput is { } batchInput) yield return Price("batch input", batchInput);
        if (row.BatchOutput is { } batchOutput) yield return Price("batch output", batchOutput);
    }
}
