using System.Collections.Concurrent;

namespace Throughline.Auth.Accounts.Throttling;

/// <summary>
/// Counts failures by key. The first few are free; each further one doubles the wait before the next attempt, up to fifteen minutes. One
/// failure is forgotten at a time, so whoever goes on failing stays slow and whoever stops is soon free. In memory of this process:
/// sign-in must be limited whether or not the key-value store answers.
/// </summary>
/// <param name="free">Failures before the first wait.</param>
/// <param name="forgetOneEach">How long until one failure is forgotten.</param>
/// <param name="firstWait">The wait after the last free failure.</param>
internal sealed class FailureMeter(int free, TimeSpan forgetOneEach, TimeSpan firstWait, TimeProvider time)
{
    private const int SweepFrom = 10_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Failures> _failures = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>How long until the next attempt is allowed; null where it is allowed now.</summary>
    public TimeSpan? WaitFor(string key) =>
        _failures.TryGetValue(Crowd.KeyIn(_failures, _failures.Count, key), out var failures) && failures.OpenAt - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : null;

    public void Charge(string key)
    {
        Sweep();
        var now = time.GetUtcNow();
        _failures.AddOrUpdate(Crowd.KeyIn(_failures, _failures.Count, key), _ => Next(new(0, now, now), now), (_, before) => Next(before, now));
    }

    public void Clear(string key) => _failures.TryRemove(key, out _);

    private Failures Next(Failures before, DateTimeOffset now)
    {
        var remembered = Remembered(before, now);
        var count = remembered.Count + 1;
        return new(count, remembered.Since, count < free ? now : now + WaitAfter(count));
    }

    private TimeSpan WaitAfter(int count)
    {
        var wait = firstWait * Math.Pow(2, Math.Min(count - free, 20));
        return wait < LongestWait ? wait : LongestWait;
    }

    private Failures Remembered(Failures failures, DateTimeOffset now)
    {
        var forgotten = (int)Math.Min((now - failures.Since) / forgetOneEach, failures.Count);
        return forgotten == failures.Count
            ? new(0, now, failures.OpenAt)
            : failures with { Count = failures.Count - forgotten, Since = failures.Since + (forgotten * forgetOneEach) };
    }

    /// <summary>Keys are attackers' to make up; each costs them a password check, and is gone when its failures are forgotten.</summary>
    private void Sweep()
    {
        var swept = Interlocked.Read(ref _sweptAt);
        if (_failures.Count < SweepFrom || time.GetElapsedTime(swept) < SweepInterval) return;
        if (Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) != swept) return;
        var now = time.GetUtcNow();
        foreach (var entry in _failures)
            if (entry.Value.OpenAt <= now && Remembered(entry.Value, now).Count == 0) _failures.TryRemove(entry);
    }

    /// <param name="Since">From here the next failure's forgetting is counted.</param>
    private readonly record struct Failures(int Count, DateTimeOffset Since, DateTimeOffset OpenAt);
}
