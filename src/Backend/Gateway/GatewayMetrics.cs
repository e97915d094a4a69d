using System.Diagnostics;
using System.Diagnostics.Metrics;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Gateway;

/// <summary>What sockets report.</summary>
internal sealed class GatewayMetrics
{
    private static readonly KeyValuePair<string, object?> Live = new("source", "live");
    private static readonly KeyValuePair<string, object?> Replayed = new("source", "log");

    private readonly Counter<long> _opened;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _lag;

    public GatewayMetrics(IMeterFactory meters, ConnectionRegistry connections)
    {
        var meter = meters.Create("Throughline.Backend");
        _opened = meter.CreateCounter<long>("backend.sockets.opened", "{socket}", "Sockets that were let in.");
        _closed = meter.CreateCounter<long>("backend.sockets.closed", "{socket}", "Sockets that ended, by close code; 1006 where the peer was gone.");
        _refused = meter.CreateCounter<long>("backend.sockets.refused_frames", "{frame}", "Frames that were answered with an error.");
        _sent = meter.CreateCounter<long>("backend.sockets.events", "{event}", "Events that were handed to the network: live, or read from the log.");
        _lag = meter.CreateHistogram("backend.sockets.lag", "s", "From an event's being numbered, before it is durable, to its being handed to the network; live events only.", advice: Buckets.Seconds);
        meter.CreateObservableGauge("backend.sockets.open", () => connections.Count, "{socket}", "Sockets of this node.");
    }

    public void Opened() => _opened.Add(1);

    public void Closed(int code) => _closed.Add(1, KeyValuePair.Create<string, object?>("code", code));

    public void Refused(string code) => _refused.Add(1, KeyValuePair.Create<string, object?>("code", code));

    /// <param name="numberedAt">A timestamp of <see cref="Stopwatch"/>.</param>
    public void SentLive(long numberedAt)
    {
        _sent.Add(1, Live);
        if (_lag.Enabled) _lag.Record(Stopwatch.GetElapsedTime(numberedAt).TotalSeconds);
    }

    public void SentFromLog() => _sent.Add(1, Replayed);
}
