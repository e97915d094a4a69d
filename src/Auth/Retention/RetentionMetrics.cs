using System.Diagnostics.Metrics;

namespace Throughline.Auth.Retention;

/// <summary>What was removed because its time was over.</summary>
internal sealed class RetentionMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _removed = meters.Create("Throughline.Auth").CreateCounter<long>("auth.retention.removed", description: "What was removed because its time was over, by kind.");

    public void Removed(string what, long count) => _removed.Add(count, KeyValuePair.Create<string, object?>("what", what));
}
