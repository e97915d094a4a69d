using System.Collections.Concurrent;
using Throughline.Auth.Accounts.Throttling;

namespace Throughline.Auth.Accounts;

/// <summary>
/// Counts attempts in any window that ends now, exactly, by a log of their times. In memory of this process: sign-in must be limited
/// whether or not the key-value store answers.
/// </summary>
internal sealed class AttemptLimits(TimeProvider time)
{
    private const int SweepFrom = 10_000;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Attempts> _attempts = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>How many keys it holds.</summary>
    public int Count => _attempts.Count;

    /// <summary>How long to wait until one more attempt is allowed; null where it is allowed now.</summary>
    public TimeSpan? WaitFor(string key, int limit, TimeSpan window)
    {
        if (!_attempts.TryGetValue(Crowd.KeyIn(_attempts, _attempts.Count, key), out var attempts)) return null;
        lock (attempts)
        {
            var times = attempts.Since(time.GetUtcNow() - window);
            return times.Count < limit ? null : times.ElementAt(times.Count - limit) + window - time.GetUtcNow();
        }
    }

    /// <summary>Charges one attempt, whether or not it is within the limit.</summary>
    public void Charge(string key, TimeSpan window)
    {
        Sweep();
        var attempts = _attempts.GetOrAdd(Crowd.KeyIn(_attempts, _attempts.Count, key), _ => new(window));
        lock (attempts) attempts.Since(time.GetUtcNow() - window).Enqueue(time.GetUtcNow());
    }

    /// <summary>Charges one attempt if the limit allows it.</summary>
    /// <returns>How long to wait; null where it was charged.</returns>
    public TimeSpan? TryCharge(string key, int limit, TimeSpan window)
    {
        if (WaitFor(key, limit, window) is { } wait) return wait;
        Charge(key, window);
        return null;
    }

    private void Sweep()
    {
        var swept = Interlocked.Read(ref _sweptAt);
        if (_attempts.Count < SweepFrom || time.GetElapsedTime(swept) < SweepInterval) return;
        if (Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) != swept) return;
        var now = time.GetUtcNow();
        foreach (var entry in _attempts)
            lock (entry.Value)
                if (entry.Value.Since(now - entry.Value.Window).Count == 0) _attempts.TryRemove(entry);
    }

    private sealed class Attempts(TimeSpan window)
    {
        private readonly Queue<DateTimeOffset> _times = new();

        public TimeSpan Window => window;

        public Queue<DateTimeOffset> Since(DateTimeOffset oldest)
        {
            while (_times.TryPeek(out var first) && first <= oldest) _times.Dequeue();
            return _times;
        }
    }
}
