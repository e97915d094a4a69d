using Throughline.Bench.Sockets.Servers;
using Throughline.Testing;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>Durable events a second with nobody listening, beside the plain way: one INSERT and one transaction for each.</summary>
internal sealed class AppendRow : IRow
{
    private const int Streams = 1_000;
    private const int Seconds = 2;

    public string Name => "append";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var sqlite = await MeasureAsync("SQLite, synchronous=full", new Dictionary<string, string>(), insertsAtOnce: 1, rounds);
        var postgres = new PostgresServer();
        try
        {
            await postgres.InitializeAsync();
            var database = await postgres.CreateDatabaseAsync(CancellationToken.None);
            return
            [
                sqlite,
                await MeasureAsync(
                    "PostgreSQL", new Dictionary<string, string> { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = database }, insertsAtOnce: 8, rounds),
            ];
        }
        finally
        {
            await postgres.DisposeAsync();
        }
    }

    private static async Task<RowResult> MeasureAsync(string database, IReadOnlyDictionary<string, string> settings, int insertsAtOnce, int rounds)
    {
        await using var server = await BenchServer.StartAsync(Kinds.Ours, settings);
        await server.PrepareAsync(Streams);
        var (appends, inserts) = (new List<Sample>(), new List<Sample>());
        for (var round = -2; round < rounds; round++)
        {
            var (append, insert) = (await MeasureAsync(server, $"append {Seconds}"), await MeasureAsync(server, $"insert {Seconds} {insertsAtOnce}"));
            if (round < 0) continue;
            appends.Add(append);
            inserts.Add(insert);
        }

        var (ours, plain) = (new Series($"Throughline, {Streams:N0} streams with 4 under way", appends, null), new Series($"INSERT for each, {insertsAtOnce} at once", inserts, null));
        return new($"Durable append, {database}", "events/s", "events/s", [ours, plain], [Goal.AtLeast("× one INSERT per event", 10, ours.RatioTo(plain))]);
    }

    private static async Task<Sample> MeasureAsync(BenchServer server, string command)
    {
        var (cpu, own) = (server.CpuSeconds(), Cpu.Own());
        var rate = await server.NumberAsync(command);
        return new Sample(rate, rate, server.CpuSeconds() - cpu, Cpu.Own() - own);
    }
}
