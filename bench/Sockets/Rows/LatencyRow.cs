using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;
using Throughline.Testing;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>A thousand streams at the pace of a model that answers, and how long the slowest hundredth of the events takes from being published to the client.</summary>
internal sealed class LatencyRow : IRow
{
    private const int Streams = 1_000;
    private const int Rate = 30;
    private const int Seconds = 3;

    public string Name => "latency";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfEventsAsync(Streams);
        await using var field = await Field.StartAsync([Kinds.Ours, Kinds.Kestrel], Streams, Streams, n => n);
        var series = await field.MeasureAsync(rounds, ceiling, MeasureAsync);
        return
        [
            new($"{Streams:N0} streams × {Rate} events/s, publish → socket, 99th percentile", "ms", "events/s", series,
                [Goal.AtMost("× raw Kestrel", 1.5, series[0].RatioTo(series[1]))]),
        ];
    }

    private static async Task<Sample> MeasureAsync(BenchServer server, Crowd crowd)
    {
        const int All = Streams * Rate * Seconds;
        crowd.Measure(All);
        crowd.Forget();
        var (cpu, own, began) = (server.CpuSeconds(), Cpu.Own(), TimeProvider.System.GetTimestamp());
        await server.AskAsync($"pace {Streams} {Rate} {Seconds}");
        await crowd.WaitForAsync(All);
        var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return new Sample(Statistics.Percentile(crowd.Latencies(), 99), All / elapsed, server.CpuSeconds() - cpu, Cpu.Own() - own);
    }
}
