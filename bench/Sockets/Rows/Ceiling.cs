using System.Collections.Concurrent;
using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>What the load client can take from a server that does next to nothing, on the same cores.</summary>
internal static class Ceiling
{
    private const int Seconds = 2;

    private static readonly ConcurrentDictionary<int, double> Known = new();

    /// <returns>Events a second over so many sockets.</returns>
    public static async Task<double> OfEventsAsync(int sockets)
    {
        if (Known.TryGetValue(sockets, out var known)) return known;
        await using var server = await BenchServer.StartAsync("flood");
        using var crowd = new Crowd("flood");
        await crowd.OpenAsync(sockets, n => (server.Url, n));
        for (var warm = 0; ; warm++)
        {
            crowd.Forget();
            var began = Stopwatch.GetTimestamp();
            await crowd.WaitForAsync((long)await server.NumberAsync($"flood {Seconds}"));
            if (warm > 0) return Known[sockets] = crowd.Received / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    /// <returns>Connections a second, authenticated by nobody.</returns>
    public static async Task<double> OfConnectionsAsync(int sockets)
    {
        await using var server = await BenchServer.StartAsync("flood");
        using var crowd = new Crowd("flood");
        var began = Stopwatch.GetTimestamp();
        await crowd.OpenAsync(sockets, n => (server.Url, n));
        return sockets / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
