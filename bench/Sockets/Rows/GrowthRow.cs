using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What a delivered event costs as there are more sockets on a node, and, to see whose growth it is, the same for raw Kestrel. Whatever their number, four times a thousand events are under way.</summary>
internal sealed class GrowthRow : IRow
{
    private static readonly int[] Steps = [1_000, 2_000, 4_000, 8_000];

    public string Name => "growth";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ours = await MeasureAsync(Kinds.Ours, rounds);
        var kestrel = await MeasureAsync(Kinds.Kestrel, rounds);
        return
        [
            new("Growth, sockets on one node, each with a stream of its own", "CPU-µs per delivered event", "events/s", [.. ours, .. kestrel],
                [.. ours.Skip(1).Select(more => Goal.AtMost($"{more.Server}: × {ours[0].Server}", Growth.Flat, more.RatioTo(ours[0])))]),
        ];
    }

    private static async Task<IReadOnlyList<Series>> MeasureAsync(string kind, int rounds)
    {
        await using var server = await BenchServer.StartAsync(kind);
        await server.PrepareAsync(Steps[^1]);
        using var crowd = new Crowd(kind);
        var series = new List<Series>();
        foreach (var sockets in Steps)
        {
            var already = crowd.Followers.Count;
            await crowd.OpenAsync(sockets - already, n => (server.Url, already + n));
            series.Add(new Series($"{Kinds.NameOf(kind)}, {sockets:N0} sockets", await Growth.MeasureAsync([server], crowd, sockets, rounds), await Ceiling.OfEventsAsync(Growth.Round)));
        }

        return series;
    }
}
