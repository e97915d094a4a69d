using Throughline.Analysis.Tests.Tools;
using Throughline.Backend.Agents;
using Throughline.Backend.Files.Contents;
using Throughline.Contracts.Files;

namespace Throughline.Backend.Tests.Agents;

/// <summary>Rows as a file that a question can attach.</summary>
internal sealed class Rows(IEnumerable<UsageRow> rows) : IDisposable
{
    private readonly UsageRows _rows = new(rows);

    public AttachedFile File => new(
        new UsageFile(_rows.Dataset.FileId, _rows.Dataset.FileName, 1, _rows.Dataset.Sha256, "csv", 1, [], new RefusedRows(0, []), DateTimeOffset.UnixEpoch),
        _ => Task.FromResult(new LocalRows(_rows.Dataset.ParquetPath)));

    public static Rows? AzureTrace() => UsageRows.AzureTrace() is { } rows ? new Rows(rows) : null;

    public void Dispose() => _rows.Dispose();
}
