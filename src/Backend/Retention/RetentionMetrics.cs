using System.Diagnostics.Metrics;

namespace Throughline.Backend.Retention;

/// <summary>What was removed because its time was over.</summary>
internal sealed class RetentionMetrics
{
    private readonly Counter<long> _removed;
    private readonly Counter<long> _batches;

    public RetentionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Throughline.Backend");
        _removed = meter.CreateCounter<long>("backend.retention.removed", description: "What was removed because its time was over, by kind.");
        _batches = meter.CreateCounter<long>("backend.retention.batches", "{batch}", "In how many steps.");
    }

    public void Removed(string what, int count)
    {
        var tag = KeyValuePair.Create<string, object?>("what", what);
        _removed.Add(count, tag);
        _batches.Add(1, tag);
    }
}
