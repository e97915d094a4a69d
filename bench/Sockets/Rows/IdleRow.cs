using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What an authenticated connection holds while nothing happens: resident memory with all of them less that before the first, each after a collection.</summary>
internal sealed class IdleRow : IRow
{
    private const int Sockets = 5_000;
    private const int Warm = 2_000; // opened and closed before, so that code is compiled and pools are there

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    public string Name => "idle";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfConnectionsAsync(Sockets);
        var kinds = await Kinds.HereAsync(Kinds.Ours, Kinds.SignalR, Kinds.SocketIo, Kinds.Kestrel);
        var samples = kinds.ToDictionary(kind => kind, _ => new List<Sample>());
        for (var round = 0; round < rounds; round++)
            foreach (var kind in kinds) samples[kind].Add(await MeasureAsync(kind));

        var series = kinds.ToDictionary(kind => kind, kind => new Series(Kinds.NameOf(kind), samples[kind], ceiling));
        var ours = series[Kinds.Ours];
        return
        [
            new($"Idle authenticated connections, {Sockets:N0}", "KiB each", "connections/s", [.. series.Values],
                [Goal.AtMost("KiB each", 14, ours.Median), Goal.AtMost("× SignalR", 0.65, ours.RatioTo(series[Kinds.SignalR]))]),
        ];
    }

    private static async Task<Sample> MeasureAsync(string kind)
    {
        await using var server = await BenchServer.StartAsync(kind);
        await server.PrepareAsync(Sockets);
        using (var warm = new Crowd(kind, follows: false)) await warm.OpenAsync(Warm, n => (server.Url, n));
        await Task.Delay(Settle, TimeProvider.System);

        var empty = await server.MemoryAsync();
        using var crowd = new Crowd(kind, follows: false);
        var (cpu, own, began) = (server.CpuSeconds(), Cpu.Own(), TimeProvider.System.GetTimestamp());
        await crowd.OpenAsync(Sockets, n => (server.Url, n));
        var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        (cpu, own) = (server.CpuSeconds() - cpu, Cpu.Own() - own);
        await Task.Delay(Settle, TimeProvider.System);
        return new Sample((await server.MemoryAsync() - empty) / 1024.0 / Sockets, Sockets / elapsed, cpu, own);
    }
}
