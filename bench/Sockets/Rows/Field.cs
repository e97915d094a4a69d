using System.Diagnostics;
using Throughline.Bench.Sockets.Client;
using Throughline.Bench.Sockets.Servers;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>The servers of a row, side by side with their clients. They take turns, round by round, so that a busy moment of the machine does not meet one alone.</summary>
internal sealed class Field : IAsyncDisposable
{
    /// <summary>.NET compiles again what runs often, while it runs.</summary>
    private const int WarmRounds = 2;

    private readonly List<(BenchServer Server, Crowd Crowd)> _all = [];

    public IReadOnlyList<(BenchServer Server, Crowd Crowd)> All => _all;

    /// <param name="streamOf">Whose stream the nth socket follows.</param>
    public static async Task<Field> StartAsync(IEnumerable<string> kinds, int sockets, int streams, Func<int, int> streamOf, bool resumes = false)
    {
        var field = new Field();
        foreach (var kind in kinds)
        {
            var server = await BenchServer.StartAsync(kind, resumes: resumes);
            var crowd = new Crowd(kind, resumes: resumes);
            field._all.Add((server, crowd));
            await server.PrepareAsync(streams);
            await crowd.OpenAsync(sockets, n => (server.Url, streamOf(n)));
        }

        return field;
    }

    /// <summary>Deliveries for each CPU-second of the server, a few rounds of events under way.</summary>
    public static async Task<Sample> DriveAsync(BenchServer server, Crowd crowd, Func<Task> round, int size, TimeSpan duration)
    {
        const int InFlight = 4;
        var (cpu, own, began) = (server.CpuSeconds(), Cpu.Own(), Stopwatch.GetTimestamp());
        var deliveries = await crowd.DriveAsync(round, size, InFlight, duration);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (cpu, own) = (server.CpuSeconds() - cpu, Cpu.Own() - own);
        return new Sample(deliveries / cpu, deliveries / elapsed, cpu, own);
    }

    /// <summary>Each some times to get warm, then all in turn.</summary>
    public async Task<IReadOnlyList<Series>> MeasureAsync(int rounds, double? ceiling, Func<BenchServer, Crowd, Task<Sample>> measure, int warmRounds = WarmRounds)
    {
        var samples = _all.Select(_ => new List<Sample>()).ToList();
        for (var round = -warmRounds; round < rounds; round++)
            for (var i = 0; i < _all.Count; i++)
            {
                var sample = await measure(_all[i].Server, _all[i].Crowd);
                if (round >= 0) samples[i].Add(sample);
            }

        return [.. _all.Zip(samples, (one, list) => new Series(Kinds.NameOf(one.Server.Kind), list, ceiling, NoteOf(one.Crowd)))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, crowd) in _all)
        {
            crowd.Dispose();
            await server.DisposeAsync();
        }
    }

    /// <summary>Nothing is measured where something is missing.</summary>
    private static string NoteOf(Crowd crowd)
    {
        var (lost, repeated) = (crowd.Followers.Sum(f => f.Lost), crowd.Followers.Sum(f => f.Repeated));
        return lost + repeated == 0 ? "no gap, none twice" : $"{lost:N0} lost, {repeated:N0} twice";
    }
}
