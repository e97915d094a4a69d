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
