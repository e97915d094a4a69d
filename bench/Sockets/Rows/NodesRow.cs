using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;
using Throughline.Testing;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>Sockets are where a load balancer put them, and their threads where the engine did: with three nodes a third meet.</summary>
internal sealed class NodesRow : IRow
{
    public string Name => "nodes";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
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
                    series.Add(new Series(nodes == 1 ? "1 node" : $"{nodes} nodes", await MeasureAsync(servers, rounds), await Ceiling.OfEventsAsync(Growth.Round)));
                }
                finally
                {
                    foreach (var server in servers.Reverse()) await server.DisposeAsync();
                }
            }

            return
            [
                new("Growth, nodes on one PostgreSQL and one Redis, 1,000 sockets spread over them", "CPU-µs per delivered event, of all nodes", "events/s", series,
                    [Goal.AtMost("3 nodes: × 1 node", Growth.Flat, series[1].RatioTo(series[0]))]),
            ];
        }
        finally
        {
            await redis.DisposeAsync();
            await postgres.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<Sample>> MeasureAsync(IReadOnlyList<BenchServer> servers, int rounds)
    {
        foreach (var server in servers) await server.PrepareAsync(Growth.Round);
        using var crowd = new Crowd(Kinds.Ours);
        await crowd.OpenAsync(Growth.Round, n => (servers[n / servers.Count % servers.Count].Url, n));
        return await Growth.MeasureAsync(servers, crowd, Growth.Round, rounds);
    }
}
