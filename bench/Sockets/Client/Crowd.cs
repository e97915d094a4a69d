using System.Diagnostics;
using System.Threading.Channels;

namespace Throughline.Bench.Sockets.Client;

/// <summary>All clients of one server, or of several nodes of one, in this process.</summary>
/// <param name="follows">Whether they follow a stream, or only sit there.</param>
/// <param name="resumes">Whether they ask their server for its own way of resuming.</param>
internal sealed class Crowd(string kind, bool follows = true, bool resumes = false) : IDisposable
{
    private const int ConnectsAtOnce = 100; // below any listener's backlog

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Follower> _followers = [];
    private readonly Channel<long> _rounds = Channel.CreateUnbounded<long>();
    private long _received;
    private long _roundSize = long.MaxValue;
    private long[] _latencies = [];
    private int _measured;

    public bool Follows => follows;

    public IReadOnlyList<Follower> Followers => _followers;

    public long Received => Interlocked.Read(ref _received);

    /// <summary>Adds clients and connects them.</summary>
    /// <param name="place">Of the nth new client: its server, and whose stream it follows.</param>
    public async Task OpenAsync(int count, Func<int, (Uri Server, int Stream)> place)
    {
        var added = Enumerable.Range(0, count).Select(n => Follower.Create(kind, place(n).Server, place(n).Stream, this, resumes)).ToList();
        _followers.AddRange(added);
        await OpenAsync(added, ConnectsAtOnce);
    }

    /// <summary>Connects, at most so many at once.</summary>
    public static Task OpenAsync(IReadOnlyList<Follower> followers, int atOnce) =>
        Parallel.ForEachAsync(followers, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (follower, _) => await follower.OpenAsync());

    /// <summary>Has one round after the other published, with a few under way, and waits for all of them.</summary>
    /// <param name="round">Publishes one round: events that come to <paramref name="size"/> deliveries.</param>
    /// <returns>Deliveries.</returns>
    public async Task<long> DriveAsync(Func<Task> round, int size, int inFlight, TimeSpan duration)
    {
        Interlocked.Exchange(ref _received, 0);
        Interlocked.Exchange(ref _roundSize, size);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < inFlight; i++) await round();
        var (underWay, done) = (inFlight, 0L);
        while (underWay > 0)
        {
            try
            {
                await _rounds.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"{kind}: {Received:N0} of {(done + underWay) * size:N0} deliveries came, and no more within {Patience.TotalSeconds} s.");
            }

            done++;
            if (Stopwatch.GetElapsedTime(began) < duration) await round();
            else underWay--;
        }

        Interlocked.Exchange(ref _roundSize, long.MaxValue);
        return done * size;
    }

    /// <summary>Waits until so many events have come since <see cref="Forget"/>.</summary>
    public async Task WaitForAsync(long events)
    {
        var began = Stopwatch.GetTimestamp();
        while (Received < events)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new TimeoutException($"{kind}: {Received:N0} of {events:N0} events came within {Patience.TotalSeconds} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    public void Forget() => Interlocked.Exchange(ref _received, 0);

    /// <summary>From now on keeps how long each event took, up to so many of them.</summary>
    public void Measure(int events) => (_measured, _latencies) = (0, new long[events]);

    /// <summary>Milliseconds, of what came since <see cref="Measure"/>.</summary>
    public IReadOnlyList<double> Latencies() => [.. _latencies.Take(_measured).Select(ticks => ticks * 1000.0 / Stopwatch.Frequency)];

    public void Count(long timestamp)
    {
        if (_latencies.Length > 0)
        {
            var at = Interlocked.Increment(ref _measured) - 1;
            if (at < _latencies.Length) _latencies[at] = Stopwatch.GetTimestamp() - timestamp;
        }

        var received = Interlocked.Increment(ref _received);
        if (received % Interlocked.Read(ref _roundSize) == 0) _rounds.Writer.TryWrite(received);
    }

    public void Dispose() => _followers.ForEach(follower => follower.Dispose());
}
