using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What a delivered event costs as there are more sockets on a node. Whatever their number, four times a thousand events are under way.</summary>
internal sealed class GrowthRow : IRow
{
    public string Name => "growth";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        int[] steps = [1_000, 2_000, 4_000, 8_000];
        await using var server = await BenchServer.StartAsync(Kinds.Ours);
        await server.PrepareAsync(steps[^1]);
        using var crowd = new Crowd(Kinds.Ours);
        var series = new List<Series>();
        foreach (var sockets in steps)
        {
            var already = crowd.Followers.Count;
            await crowd.OpenAsync(sockets - already, n => (server.Url, already + n));
            var samples = new List<Sample>();
            for (var round = -Growth.WarmRounds; round < rounds; round++)
            {
                var sample = await Growth.DriveAsync([server], crowd, sockets);
                if (round >= 0) samples.Add(sample);
            }

            series.Add(new Series($"{sockets:N0} sockets", samples, await Ceiling.OfEventsAsync(Growth.Round)));
        }

        return
        [
            new("Growth, sockets on one node, each with a stream of its own", "CPU-µs per delivered event", "events/s", series,
                [.. series.Skip(1).Select(more => Goal.AtMost($"{more.Server}: × {series[0].Server}", Growth.Flat, more.RatioTo(series[0])))]),
        ];
    }
}
