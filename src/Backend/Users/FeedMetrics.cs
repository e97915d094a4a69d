using System.Diagnostics.Metrics;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>How far the replica is behind auth.</summary>
internal sealed class FeedMetrics
{
    private readonly Histogram<double> _delay;

    public FeedMetrics(IMeterFactory meters, UserFeedHealth health)
    {
        var meter = meters.Create("Throughline.Backend");
        _delay = meter.CreateHistogram("backend.users.feed.delay", "s", "From a change at auth to its being applied here.", advice: Buckets.Seconds);
        meter.CreateObservableGauge("backend.users.feed.lag", () => health.Lag.TotalSeconds, "s", "How long ago the replica was last known to be as new as auth.");
    }

    public void Applied(TimeSpan delay) => _delay.Record(delay.TotalSeconds);
}
