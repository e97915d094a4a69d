using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>One client comes back after everything, and gets it from the log.</summary>
internal sealed class ReplayRow : IRow
{
    private const int Events = 100_000;
    private const int WarmUp = 10; // rounds, which are short: in all as long as the two of other rows

    public string Name => "replay";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfEventsAsync(1);
        await using var server = await BenchServer.StartAsync(Kinds.Ours);
        await server.PrepareAsync(1);
        await server.AskAsync($"fill {Events}");
        var samples = new List<Sample>();
        for (var round = -WarmUp; round < rounds; round++)
        {
            var sample = await MeasureAsync(server);
            if (round >= 0) samples.Add(sample);
        }

        var series = new Series(Kinds.NameOf(Kinds.Ours), samples, ceiling, "no gap, none twice");
        return [new($"Replay of {Events:N0} missed events to one socket", "events per server CPU-s", "events/s", [series], [Goal.AtLeast("events per CPU-s", 200_000, series.Median)])];
    }

    private static async Task<Sample> MeasureAsync(BenchServer server)
    {
        using var crowd = new Crowd(server.Kind);
        var (cpu, own, began) = (server.CpuSeconds(), Cpu.Own(), Stopwatch.GetTimestamp());
        await crowd.OpenAsync(1, _ => (server.Url, 0));
        await crowd.WaitForAsync(Events);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (cpu, own) = (server.CpuSeconds() - cpu, Cpu.Own() - own);
        return crowd.Followers[0] is { Lost: 0, Repeated: 0, Last: Events }
            ? new Sample(Events / cpu, Events / elapsed, cpu, own)
            : throw new InvalidOperationException("The replay has gaps.");
    }
}
