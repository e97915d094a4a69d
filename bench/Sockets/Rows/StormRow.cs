using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>All sockets are cut at once; while nobody is there an event of each stream is published, and another while all come back. Timed from the first
/// reconnect until everybody is authenticated again and has all there is.</summary>
internal sealed class StormRow : IRow
{
    private const int Sockets = 5_000;
    private const int Before = 1, Meanwhile = 1, Returning = 1;
    private const int ReconnectsAtOnce = 250;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    public string Name => "storm";

    public async Task<IReadOnlyList<RowResult>> MeasureAsync(int rounds)
    {
        var ceiling = await Ceiling.OfConnectionsAsync(Sockets);
        var kinds = await Kinds.HereAsync(Kinds.Ours, Kinds.SignalR, Kinds.SocketIo);
        await using var field = await Field.StartAsync(kinds, Sockets, Sockets, n => n, resumes: true);
        var series = await field.MeasureAsync(rounds, ceiling, MeasureAsync, warmRounds: 1);
        return
        [
            new($"Reconnect storm: {Sockets:N0} sockets cut at once → authenticated, resumed, complete", "s", "sockets/s", series,
                [
                    .. series.Skip(1).Select(peer => Goal.AtMost($"× {peer.Server}", 0.67, series[0].RatioTo(peer))),
                    Goal.AtMost("events of ours lost or twice", 0, field.All[0].Crowd.Followers.Sum(f => f.Lost + f.Repeated)),
                ]),
        ];
    }

    private static async Task<Sample> MeasureAsync(BenchServer server, Crowd crowd)
    {
        await PublishAsync(server, crowd, Before);
        await crowd.WaitForAsync(Before * Sockets);
        foreach (var follower in crowd.Followers) await follower.AcknowledgeAsync();
        await Task.WhenAll(crowd.Followers.Select(follower => follower.CutAsync()));

        await PublishAsync(server, crowd, Meanwhile);
        await server.AskAsync("flush");
        var (cpu, own, began) = (server.CpuSeconds(), Cpu.Own(), Stopwatch.GetTimestamp());
        var returning = server.RoundAsync(0, Sockets);
        await Crowd.OpenAsync(crowd.Followers, ReconnectsAtOnce);
        await returning;
        var elapsed = await CompleteAsync(crowd, began);
        return new Sample(elapsed, Sockets / elapsed, server.CpuSeconds() - cpu, Cpu.Own() - own);
    }

    private static async Task PublishAsync(BenchServer server, Crowd crowd, int rounds)
    {
        crowd.Forget();
        for (var i = 0; i < rounds; i++) await server.RoundAsync(0, Sockets);
    }

    /// <summary>Until all is there; where something is lost for good, until the last that came.</summary>
    private static async Task<double> CompleteAsync(Crowd crowd, long began)
    {
        var (last, at) = (crowd.Received, Stopwatch.GetTimestamp());
        while (last < (Meanwhile + Returning) * Sockets && Stopwatch.GetElapsedTime(at) < Quiet)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            if (crowd.Received is var now && now > last) (last, at) = (now, Stopwatch.GetTimestamp());
        }

        return Stopwatch.GetElapsedTime(began, at).TotalSeconds;
    }
}
