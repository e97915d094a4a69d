using System.Diagnostics.Metrics;

namespace Throughline.Backend.Files;

/// <summary>What files report.</summary>
internal sealed class FileMetrics
{
    private readonly Counter<long> _imported;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _fetched;
    private readonly Counter<long> _fetchedBytes;

    public FileMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Throughline.Backend");
        _imported = meter.CreateCounter<long>("backend.files.imported", "{file}", "Uploads that became usage files, by format.");
        _rows = meter.CreateCounter<long>("backend.files.rows", "{row}", "Rows that they had.");
        _refused = meter.CreateCounter<long>("backend.files.refused", "{file}", "Uploads that were no usage data.");
        _fetched = meter.CreateCounter<long>("backend.files.fetched", "{file}", "Files that were fetched from the object storage to be read.");
        _fetchedBytes = meter.CreateCounter<long>("backend.files.fetched_size", "By", "Their bytes.");
    }

    public void Imported(string format, long rows)
    {
        _imported.Add(1, KeyValuePair.Create<string, object?>("format", format));
        _rows.Add(rows);
    }

    public void Refused() => _refused.Add(1);

    public void Fetched(long bytes)
    {
        _fetched.Add(1);
        _fetchedBytes.Add(bytes);
    }
}
