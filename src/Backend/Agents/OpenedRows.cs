using Throughline.Analysis.Tools;
using Throughline.Backend.Files.Contents;

namespace Throughline.Backend.Agents;

/// <summary>Rows of several files while an analysis reads them.</summary>
internal sealed class OpenedRows : IDisposable
{
    private readonly List<LocalRows> _rows = [];
    private readonly List<UsageDataset> _datasets = [];

    public IReadOnlyList<UsageDataset> Datasets => _datasets;

    public static async Task<OpenedRows> OpenAsync(IEnumerable<AttachedFile> files, CancellationToken cancellationToken)
    {
        var opened = new OpenedRows();
        try
        {
            foreach (var file in files)
            {
                var rows = await file.OpenAsync(cancellationToken);
                opened._rows.Add(rows);
                opened._datasets.Add(new UsageDataset(file.File.Id, file.File.Name, file.File.Sha256, rows.Path));
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose() => _rows.ForEach(rows => rows.Dispose());
}
