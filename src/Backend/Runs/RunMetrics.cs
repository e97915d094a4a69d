using System.Diagnostics.Metrics;

namespace Throughline.Backend.Runs;

/// <summary>What runs report.</summary>
internal sealed class RunMetrics
{
    private readonly Histogram<double> _duration;

    public RunMetrics(IMeterFactory meters) =>
        _duration = meters.Create("Throughline.Backend").CreateHistogram<double>("backend.run.duration", "s", "From RUN_STARTED to the run's last event.");

    public void RunFinished(TimeSpan elapsed, string status) => _duration.Record(elapsed.TotalSeconds, KeyValuePair.Create<string, object?>("status", status));
}
