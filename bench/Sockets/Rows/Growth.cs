using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What both kinds of growth measure alike: CPU time per delivered event.</summary>
internal static class Growth
{
    public const int Round = 1_000;

    private const int WarmRounds = 2;

    /// <summary>Within 15 %.</summary>
    public const double Flat = 1.15;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1.5);

    /// <summary>Some rounds to get warm, then those that count.</summary>
    public static async Task<IReadOnlyList<Sample>> MeasureAsync(IReadOnlyList<BenchServer> servers, Crowd crowd, int streams, int rounds)
    {
        var samples = new List<Sample>();
        for (var round = -WarmRounds; round < rounds; round++)
        {
            var sample = await DriveAsync(servers, crowd, streams);
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
