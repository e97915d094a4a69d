namespace Throughline.Analysis.Prices;

/// <summary>One dated row of the price table: US dollars per million tokens.</summary>
/// <param name="Model">Canonical name, e.g. <c>gpt-4o</c>.</param>
/// <param name="Aliases">Other spellings, exact or with a dated suffix.</param>
/// <param name="From">First day on which the price holds.</param>
/// <param name="To">Last day on which it holds; absent for today's price.</param>
/// <param name="CachedInput">Absent where the model has no cache discount: cached tokens then cost <paramref name="Input"/>.</param>
/// <param name="BatchInput">Absent where the model has no batch price.</param>
/// <param name="Source">Where the price was published.</param>
/// <param name="SourceDate">When it was read there.</param>
public sealed record PriceRow(
    string Model, string Provider, IReadOnlyList<string> Aliases, DateOnly From, DateOnly? To,
    decimal Input, decimal? CachedInput, decimal? CacheWrite5m, decimal? CacheWrite1h, decimal Output,
    decimal? BatchInput, decimal? BatchOutput, string Source, DateOnly SourceDate);

/// <summary>Dated list prices of models.</summary>
public sealed class PriceTable(string version, IReadOnlyList<PriceRow> rows)
{
    public static PriceTable Current { get; } = new("2025-11-01", [
        OpenAi("gpt-4o", 2.50m, 1.25m, 10m), OpenAi("gpt-4o-mini", 0.15m, 0.075m, 0.60m), OpenAi("gpt-4.1", 2m, 0.50m, 8m),
        OpenAi("text-embedding-3-small", 0.02m, null, 0m),
        new("claude-sonnet-4-5", "anthropic", [], new(2025, 9, 29), null, 3m, 0.30m, 3.75m, 6m, 15m, 1.50m, 7.50m, "https://www.anthropic.com/pricing", new(2025, 11, 1))]);

    public string Version => version;

    public IReadOnlyList<PriceRow> Rows => rows;

    /// <summary>The canonical name for a spelling; null where the table has no such model.</summary>
    public string? Resolve(string spelling) =>
        rows.FirstOrDefault(row => row.Model.Equals(spelling, StringComparison.OrdinalIgnoreCase) || row.Aliases.Contains(spelling, StringComparer.OrdinalIgnoreCase))?.Model;

    /// <summary>The price of a canonical model on a day; null where there was none.</summary>
    public PriceRow? Find(string model, DateOnly on) => rows.FirstOrDefault(row => row.Model == model && row.From <= on && (row.To is null || on <= row.To));

    private static PriceRow OpenAi(string model, decimal input, decimal? cached, decimal output) => new(
        model, "openai", [], new(2024, 10, 1), null, input, cached, null, null, output, input / 2, output / 2, "https://openai.com/api/pricing", new(2025, 11, 1));
}
