using System.Collections.Concurrent;

namespace Throughline.Auth.Accounts;

/// <summary>
/// Counts attempts in any window that ends now, exactly, by a log of their times. In memory of this process: sign-in must be limited
/// whether or not the key-value store answers.
/// </summary>
internal sealed class AttemptLimits(TimeProvider time)
{
    private const int MaxKeys = 100_000;
    private readonly ConcurrentDictionary<string, Queue<DateTimeOffset>> _attempts = new(StringComparer.Ordinal);

    /// <summary>How long to wait until one more attempt is allowed; null where it is allowed now.</summary>
    public TimeSpan? WaitFor(string key, int limit, TimeSpan window)
    {
        if (!_attempts.TryGetValue(key, out var times)) return null;
        lock (times)
        {
            Forget(times, window);
            return times.Count < limit ? null : times.ElementAt(times.Count - limit) + window - time.GetUtcNow();
        }
    }

    /// <summary>Charges one attempt, whether or not it is within the limit.</summary>
    public void Charge(string key, TimeSpan window)
    {
        if (_attempts.Count >= MaxKeys) ForgetIdle(window);
        var times = _attempts.GetOrAdd(key, _ => new());
        lock (times)
        {
            Forget(times, window);
            times.Enqueue(time.GetUtcNow());
        }
    }

    /// <summary>Charges one attempt if the limit allows it.</summary>
    /// <returns>How long to wait; null where it was charged.</returns>
    public TimeSpan? TryCharge(string key, int limit, TimeSpan window)
    {
        if (WaitFor(key, limit, window) is { } wait) return wait;
        Charge(key, window);
        return null;
    }

    private void Forget(Queue<DateTimeOffset> times, TimeSpan window)
    {
        var oldest = time.GetUtcNow() - window;
        while (times.TryPeek(out var first) && first <= oldest) times.Dequeue();
    }

    private void ForgetIdle(TimeSpan window)
    {
        var oldest = time.GetUtcNow() - window;
        foreach (var (key, times) in _attempts)
            lock (times)
                if (times.All(t => t <= oldest)) _attempts.TryRemove(key, out _);
    }
}
