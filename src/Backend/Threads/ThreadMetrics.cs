using System.Diagnostics.Metrics;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Threads;

/// <summary>What the log's appender reports.</summary>
internal sealed class ThreadMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _failures;
    private readonly Histogram<long> _batch;
    private readonly Histogram<double> _commit;

    public ThreadMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Throughline.Backend");
        _events = meter.CreateCounter<long>("backend.log.events", "{event}", "Events that became durable.");
        _failures = meter.CreateCounter<long>("backend.log.failures", "{append}", "Appends that did not.");
        _batch = meter.CreateHistogram("backend.log.batch", "{append}", "Appends that shared a transaction.", advice: Buckets.Counts);
        _commit = meter.CreateHistogram("backend.log.commit.duration", "s", "How long a transaction of the log took.", advice: Buckets.Seconds);
    }

    public void Committed(int appends, int events, TimeSpan elapsed)
    {
        _batch.Record(appends);
        _commit.Record(elapsed.TotalSeconds);
        _events.Add(events);
    }

    public void Failed() => _failures.Add(1);
}
