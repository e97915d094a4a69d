using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>What one change to one feature's requests would have saved, the rows priced again.</summary>
/// <param name="Kind"><c>cache</c>, <c>duplicates</c>, <c>batch</c>, <c>pin</c>.</param>
/// <param name="Affected">Requests that the change reaches.</param>
internal sealed record Saving(string Kind, string? Feature, string? Model, decimal Saved, RowFilter Rows, long Affected, Totals Totals)
{
    public IReadOnlyList<FactPrice> Prices { get; init; } = [];

    public IReadOnlyList<string> Entities { get; init; } = [];

    /// <summary>The model to go back to, for a pin.</summary>
    public string? Other { get; init; }

    /// <summary>Length of a shared prefix.</summary>
    public long? PrefixTokens { get; init; }
}
