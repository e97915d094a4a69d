using Throughline.Analysis.Prices;

namespace Throughline.Analysis.Tools;

/// <summary>US dollars per token, for each of the disjoint kinds of token.</summary>
internal sealed record Rates(decimal Input, decimal CacheRead, decimal CacheWrite5m, decimal CacheWrite1h, decimal Output)
{
    private const decimal Million = 1_000_000m;

    /// <remarks>
    /// What a provider has no own price for costs its ordinary input price. Batches: a cache read costs the lower of the
    /// cached and the batch price, because providers differ in whether the two discounts stack.
    /// </remarks>
    public static Rates Of(PriceRow row, bool batch)
    {
        var input = batch ? row.BatchInput ?? row.Input : row.Input;
        var cached = row.CachedInput ?? row.Input;
        return new Rates(
            input / Million, (batch ? Math.Min(cached, input) : cached) / Million, (row.CacheWrite5m ?? row.Input) / Million,
            (row.CacheWrite1h ?? row.CacheWrite5m ?? row.Input) / Million, (batch ? row.BatchOutput ?? row.Output : row.Output) / Million);
    }

    public decimal Cost(Totals totals) =>
        totals.InputUncached * Input + totals.CacheRead * CacheRead + totals.CacheWrite5m * CacheWrite5m + totals.CacheWrite1h * CacheWrite1h + totals.Output * Output;
}

/// <summary>Sums over a set of rows.</summary>
internal sealed record Totals(
    long Rows, long Requests, long InputUncached, long CacheRead, long CacheWrite5m, long CacheWrite1h, long Output, decimal Cost,
    DateTime? First, DateTime? Last)
{
    public static readonly Totals None = new(0, 0, 0, 0, 0, 0, 0, 0, null, null);

    public long Input => InputUncached + CacheRead + CacheWrite5m + CacheWrite1h;

    public static Totals operator +(Totals a, Totals b) => new(
        a.Rows + b.Rows, a.Requests + b.Requests, a.InputUncached + b.InputUncached, a.CacheRead + b.CacheRead,
        a.CacheWrite5m + b.CacheWrite5m, a.CacheWrite1h + b.CacheWrite1h, a.Output + b.Output, a.Cost + b.Cost,
        a.First is null || b.First < a.First ? b.First ?? a.First : a.First, a.Last is null || b.Last > a.Last ? b.Last ?? a.Last : a.Last);
}
