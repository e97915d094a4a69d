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
        var datasets = files.Select(file => new UsageDataset(file.File.Id, file.File.Name, file.File.Sha256, file.ParquetPath)).ToList();
        // Without its rows nothing can be said; saying "it differs" would be wrong.
        if (datasets.Count == 0 || (fact.Input is { } input && datasets.All(d => d.FileId != input.FileId))) return fact;
        return await FactChecker.CompleteAsync(fact, datasets, prices, options.Value, cancellationToken);
    }
}
