using Microsoft.Extensions.Options;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;
using Throughline.Contracts.Facts;

namespace Throughline.Backend.Facts;

/// <inheritdoc cref="IFactRecomputer"/>
internal sealed class FactRecomputer(PriceTable prices, IOptions<AnalysisOptions> options) : IFactRecomputer
{
    public async Task<Fact> CompleteAsync(Fact fact, IReadOnlyList<AttachedFile> files, CancellationToken cancellationToken)
    {
        // Without its rows nothing can be said; saying "it differs" would be wrong.
        if (files.Count == 0 || (fact.Input is { } input && files.All(file => file.File.Id != input.FileId))) return fact;
        using var rows = await OpenedRows.OpenAsync(files, cancellationToken);
        return await FactChecker.CompleteAsync(fact, rows.Datasets, prices, options.Value, cancellationToken);
    }
}
