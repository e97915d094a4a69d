using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Throughline.Backend.Breakers;
using Throughline.Backend.Users;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Messages a minute, by tier: a sliding-window log, so that no window of a minute ever holds more than the quota.</summary>
/// <remarks>
/// The log is in the store, for all nodes. Each node also keeps those charges that came through it, and asks its own log first: so a
/// store that goes away, or comes back empty, neither stops the service nor gives anyone a second quota.
/// </remarks>
internal sealed class MessageLimit(
    KeyValueStore store, DependencyBreakers breakers, UserReplica users, IOptions<LimitOptions> options, TimeProvider time)
{
    public const string Policy = "messages";
    private const int SweepEvery = 1_000;

    // One script, with the store's own clock: nodes need not agree on the time, and nothing comes between look and charge.
    private const string Script = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local window, quota, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
        local used = redis.call('ZCARD', KEYS[1])
        local allowed = 1
        if name ~= '' and not redis.call('ZSCORE', KEYS[1], name) then
          if used < quota then
            redis.call('ZADD', KEYS[1], now, name)
            redis.call('PEXPIRE', KEYS[1], window)
            used = used + 1
          else
            allowed = 0
          end
        end
        local first = math.max(0, used - quota)
        local next = redis.call('ZRANGE', KEYS[1], first, first, 'WITHSCORES')
        local reset = 0
        if next[2] then reset = tonumber(next[2]) + window - now end
        return { allowed, used, reset }
        """;

    private readonly ConcurrentDictionary<Guid, ChargeLog> _own = new();
    private uint _asked;

    /// <summary>Charges one message, if the quota of the user's tier allows it.</summary>
    /// <param name="idempotencyKey">The same key again is not charged again.</param>
    public async Task<Charge> ChargeAsync(Guid userId, string idempotencyKey, CancellationToken cancellationToken)
    {
        var quota = QuotaOf(await users.TierAsync(userId, cancellationToken));
        var log = OwnLogOf(userId);
        var own = log.Take(time.GetUtcNow(), options.Value.Window, quota, idempotencyKey, out var isNew);
        if (!own.IsAllowed) return own;

        var shared = await AskStoreAsync(userId, quota, idempotencyKey, cancellationToken);
        if (shared is { IsAllowed: false } && isNew) log.Release(idempotencyKey);
        return shared ?? own;
    }

    /// <summary>How much is left; charges nothing.</summary>
    public async Task<LimitState> StateAsync(Guid userId, CancellationToken cancellationToken)
    {
        var quota = QuotaOf(await users.TierAsync(userId, cancellationToken));
        var own = OwnLogOf(userId).Take(time.GetUtcNow(), options.Value.Window, quota, "", out _);
        var shared = await AskStoreAsync(userId, quota, "", cancellationToken);
        var tighter = shared is null || own.Used > shared.Used ? own : shared;
        return new LimitState(Policy, quota, WindowSeconds, tighter.Remaining, tighter.RetryAfterSeconds);
    }

    /// <summary>Forgets what was counted of a user.</summary>
    /// <returns>How many keys the store had of it.</returns>
    public async Task<long> EraseAsync(Guid userId, CancellationToken cancellationToken)
    {
        _own.TryRemove(userId, out _);
        return await breakers.Store.ExecuteAsync(async stop =>
        {
            var database = await store.ConnectAsync(stop);
            return await database.KeyDeleteAsync([StoreKeys.Limit(Policy, userId)]).WaitAsync(stop);
        }, cancellationToken);
    }

    public int WindowSeconds => (int)Math.Ceiling(options.Value.Window.TotalSeconds);

    public static int QuotaOf(string tier) => tier switch
    {
        "early" => 50,
        "mid" => 100,
        "enterprise" => 200,
        _ => 5,
    };

    /// <returns>Null while the store is away.</returns>
    private async Task<Charge?> AskStoreAsync(Guid userId, int quota, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await breakers.Store.ExecuteAsync(async stop =>
            {
                var database = await store.ConnectAsync(stop);
                var answer = (long[])(await database.ScriptEvaluateAsync(
                    Script, [StoreKeys.Limit(Policy, userId)], [(long)options.Value.Window.TotalMilliseconds, quota, name]).WaitAsync(stop))!;
                return new Charge(answer[0] == 1, quota, answer[1], TimeSpan.FromMilliseconds(answer[2]));
            }, cancellationToken);
        }
        catch (Exception e) when (DependencyBreakers.IsAway(e))
        {
            // Readiness and /api/breakers tell it; the same policy goes on, counted by this node.
            return null;
        }
    }

    private ChargeLog OwnLogOf(Guid userId)
    {
        if (Interlocked.Increment(ref _asked) % SweepEvery == 0)
            foreach (var (id, log) in _own)
                if (log.IsEmptyAt(time.GetUtcNow(), options.Value.Window)) _own.TryRemove(id, out _);
        return _own.GetOrAdd(userId, static _ => new ChargeLog());
    }
}
