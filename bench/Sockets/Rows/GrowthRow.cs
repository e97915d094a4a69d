using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;
using Throughline.Testing;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What a delivered event costs as there are more sockets on a node, and as there are more nodes. One event of each stream is under way at a time in four parts of
/// a thousand, whatever the number.</summary>
internal sealed class GrowthRow : IRow
{
    private const int Round = 1_000;
    private const double Flat = 1.15;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1.5);

    public string Name => "growth";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds) => [await SocketsAsync(rounds), await NodesAsync(rounds)];

    private static async Task<RowResult> SocketsAsync(int rounds)
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
            for (var round = -1; round < rounds; round++)
            {
                var sample = await DriveAsync([server], crowd, sockets);
                if (round >= 0) samples.Add(sample);
            }

            series.Add(new Series($"{sockets:N0} sockets", samples, await Ceiling.OfEventsAsync(Round)));
        }

        return new("Growth, sockets on one node, each with a stream of its own", "CPU-µs per delivered event", "events/s", series,
            [.. series.Skip(1).Select(more => Goal.AtMost($"{more.Server}: × {series[0].Server}", Flat, more.RatioTo(series[0])))]);
    }

    /// <summary>Sockets are where a load balancer put them, and their threads where the engine did: with three nodes a third meet.</summary>
    private static async Task<RowResult> NodesAsync(int rounds)
    {
        var (postgres, redis) = (new PostgresServer(), new RedisServer());
        try
        {
            await postgres.InitializeAsync();
            await redis.InitializeAsync();
            var series = new List<Series>();
            foreach (var nodes in (int[])[1, 3])
            {
                var servers = await ThroughlineServer.StartNodesAsync(nodes, await postgres.CreateDatabaseAsync(CancellationToken.None), redis.Address);
                try
                {
                    series.Add(new Series(nodes == 1 ? "1 node" : $"{nodes} nodes", await MeasureAsync(servers, rounds), await Ceiling.OfEventsAsync(Round)));
                }
                finally
                {
                    foreach (var server in servers.Reverse()) await server.DisposeAsync();
                }
            }

            return new("Growth, nodes on one PostgreSQL and one Redis, 1,000 sockets spread over them", "CPU-µs per delivered event, of all nodes", "events/s", series,
                [Goal.AtMost("3 nodes: × 1 node", Flat, series[1].RatioTo(series[0]))]);
        }
        finally
        {
            await redis.DisposeAsync();
            await postgres.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<Sample>> MeasureAsync(IReadOnlyList<BenchServer> servers, int rounds)
    {
        foreach (var server in servers) await server.PrepareAsync(Round);
        using var crowd = new Crowd(Kinds.Ours);
        await crowd.OpenAsync(Round, n => (servers[n / servers.Count % servers.Count].Url, n));
        var samples = new List<Sample>();
        for (var round = -1; round < rounds; round++)
        {
            var sample = await DriveAsync(servers, crowd, Round);
            if (round >= 0) samples.Add(sample);
        }

        return samples;
    }

    /// <summary>The streams are taken in turn, a thousand at a time; node k publishes every kth.</summary>
    private static async Task<Sample> DriveAsync(IReadOnlyList<BenchServer> servers, Crowd crowd, int streams)
    {
        const int InFlight = 4;
        var first = 0;
        async Task RoundAsync()
        {
            for (var node = 0; node < servers.Count; node++) await servers[node].RoundAsync(first + node, first + Round, servers.Count);
            first = (first + Round) % streams;
        }

        var (cpu, own, began) = (servers.Sum(s => s.CpuSeconds()), Cpu.Own(), Stopwatch.GetTimestamp());
        var events = await crowd.DriveAsync(RoundAsync, Round, InFlight, Duration);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (cpu, own) = (servers.Sum(s => s.CpuSeconds()) - cpu, Cpu.Own() - own);
        return new Sample(cpu / events * 1_000_000, events / elapsed, cpu, own);
    }
}
