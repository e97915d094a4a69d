using System.Diagnostics.Metrics;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Runs;

/// <summary>What runs report.</summary>
internal sealed class RunMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _taken;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private long _waiting;

    public RunMetrics(IMeterFactory meters, RunsAtWork atWork)
    {
        var meter = meters.Create("Throughline.Backend");
        _accepted = meter.CreateCounter<long>("backend.runs.accepted", "{run}", "Questions that became durable here.");
        _taken = meter.CreateCounter<long>("backend.runs.taken_up", "{run}", "Runs that this node began, or went on with.");
        _ended = meter.CreateCounter<long>("backend.runs.ended", "{run}", "Runs that ended here.");
        _duration = meter.CreateHistogram("backend.run.duration", "s", "From RUN_STARTED to the run's last event.", advice: Buckets.Seconds);
        meter.CreateObservableGauge("backend.runs.waiting", () => Interlocked.Read(ref _waiting), "{run}", "Runs that wait for an earlier one of their thread.");
        meter.CreateObservableGauge("backend.runs.at_work", () => atWork.Count, "{run}", "Runs that this node works on.");
    }

    public void Accepted() => _accepted.Add(1);

    public void Waits(int more) => Interlocked.Add(ref _waiting, more);

    /// <param name="isResumed">Whether an earlier attempt, of this process or another, broke off.</param>
    public void TakenUp(bool isResumed) => _taken.Add(1, KeyValuePair.Create<string, object?>("resumed", isResumed));

    public void Ended(TimeSpan elapsed, string status)
    {
        var tag = KeyValuePair.Create<string, object?>("status", status);
        _ended.Add(1, tag);
        _duration.Record(elapsed.TotalSeconds, tag);
    }
}
