using System.Collections.Concurrent;
using Throughline.Backend.Breakers;
using Throughline.Backend.Users;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Messages a minute, by tier: a sliding-window log, so that no window of a minute ever holds more than the quota.</summary>
internal sealed class MessageLimit(KeyValueStore store, DependencyBreakers breakers, UserReplica users, TimeProvider time)
{
    public const string Policy = "messages";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // One script, with the store's own clock: nodes need not agree on the time, and nothing comes between look and charge.
    private const string Script = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local window, quota, charge = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
        local used = redis.call('ZCARD', KEYS[1])
        local allowed = 1
        if charge ~= '' and not redis.call('ZSCORE', KEYS[1], charge) then
          if used < quota then
            redis.call('ZADD', KEYS[1], now, charge)
            redis.call('PEXPIRE', KEYS[1], window)
            used = used + 1
          else
            allowed = 0
          end
        end
        local reset = 0
        local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        if oldest[2] then reset = tonumber(oldest[2]) + window - now end
        return { allowed, used, reset }
        """;

    private readonly ConcurrentDictionary<Guid, SlidingWindow> _local = new();

    /// <param name="charge">The charge's name; the same name again is not charged again.</param>
    public async Task<Charge> ChargeAsync(Guid userId, string charge, CancellationToken cancellationToken) =>
        await TakeAsync(userId, QuotaOf(await users.TierAsync(userId, cancellationToken)), charge, cancellationToken);

    public async Task<LimitState> StateAsync(Guid userId, CancellationToken cancellationToken)
    {
        var now = await TakeAsync(userId, QuotaOf(await users.TierAsync(userId, cancellationToken)), "", cancellationToken);
        return new LimitState(Policy, now.Quota, (int)Window.TotalSeconds, Math.Max(0, now.Quota - now.Used), (int)Math.Ceiling(now.RetryAfter.TotalSeconds));
    }

    public static int QuotaOf(string tier) => tier switch
    {
        "early" => 50,
        "mid" => 100,
        "enterprise" => 200,
        _ => 5,
    };

    private async Task<Charge> TakeAsync(Guid userId, int quota, string charge, CancellationToken cancellationToken)
    {
        try
        {
            return await breakers.Store.ExecuteAsync(stop => AskStoreAsync(userId, quota, charge, stop), cancellationToken);
        }
        catch (Exception e) when (DependencyBreakers.IsAway(e))
        {
            // The store is away: the same policy, counted by this node alone.
            return _local.GetOrAdd(userId, static _ => new SlidingWindow()).Take(time.GetUtcNow(), Window, quota, charge);
        }
    }

    private async ValueTask<Charge> AskStoreAsync(Guid userId, int quota, string charge, CancellationToken cancellationToken)
    {
        var database = await store.ConnectAsync(cancellationToken);
        var answer = (long[])(await database.ScriptEvaluateAsync(
            Script, [$"limit:{Policy}:{userId:N}"], [(long)Window.TotalMilliseconds, quota, charge]).WaitAsync(cancellationToken))!;
        return new Charge(answer[0] == 1, quota, answer[1], TimeSpan.FromMilliseconds(answer[2]));
    }
}

/// <param name="Used">Charges in the window, this one included.</param>
/// <param name="RetryAfter">When the oldest charge leaves the window.</param>
internal sealed record Charge(bool IsAllowed, int Quota, long Used, TimeSpan RetryAfter);

/// <summary>The same log in memory, for when the store is away.</summary>
internal sealed class SlidingWindow
{
    private readonly Lock _gate = new();
    private readonly Queue<(DateTimeOffset At, string Name)> _charges = new();

    public Charge Take(DateTimeOffset now, TimeSpan window, int quota, string charge)
    {
        lock (_gate)
        {
            while (_charges.TryPeek(out var oldest) && oldest.At <= now - window) _charges.Dequeue();
            var isAllowed = charge.Length == 0 || _charges.Any(c => c.Name == charge) || _charges.Count < quota;
            if (isAllowed && charge.Length > 0 && _charges.All(c => c.Name != charge)) _charges.Enqueue((now, charge));
            var reset = _charges.TryPeek(out var first) ? first.At + window - now : TimeSpan.Zero;
            return new Charge(isAllowed, quota, _charges.Count, reset);
        }
    }
}
