using Polly;
using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>Charges limits in the store, for all nodes at once and exactly; while the store is away, by this node's own count.</summary>
/// <param name="breaker">The store's.</param>
public sealed class Limiter(KeyValueStore store, ResiliencePipeline breaker, LocalLimiter local, LimitMetrics metrics)
{
    private static readonly string Script = ReadScript();

    /// <summary>Charges all or none.</summary>
    /// <param name="name">The charge's own name: what is logged or reserved under it is charged once, however often it is asked.</param>
    public async Task<LimitVerdict> TryChargeAsync(IReadOnlyList<LimitCharge> charges, string name, CancellationToken cancellationToken)
    {
        var own = TryChargeHere(charges, name, out var taken);
        return own.IsAllowed ? await ShareAsync(charges, name, own, taken, cancellationToken) : own;
    }

    /// <summary>The first half of <see cref="TryChargeAsync"/>: this node's own count, at once. What it refuses the store would refuse.</summary>
    /// <param name="taken">For <see cref="ShareAsync"/>, which must follow where it is allowed.</param>
    public LimitVerdict TryChargeHere(IReadOnlyList<LimitCharge> charges, string name, out LocalTake taken)
    {
        ArgumentNullException.ThrowIfNull(charges);
        var own = local.TryCharge(charges, name, out taken);
        if (!own.IsAllowed) metrics.Charged(charges[0].Policy, own);
        return own;
    }

    /// <summary>The second half: the count of all nodes. What it refuses is given back here, and refused here as long as it would be.</summary>
    public async Task<LimitVerdict> ShareAsync(IReadOnlyList<LimitCharge> charges, string name, LimitVerdict own, LocalTake taken, CancellationToken cancellationToken)
    {
        var shared = await AskAsync("charge", charges, name, cancellationToken);
        if (shared is { IsAllowed: true })
            taken.Confirm();
        else if (shared is not null)
        {
            taken.Undo();
            for (var i = 0; i < charges.Count; i++)
                if (shared.Standings[i] is { IsViolated: true } standing && standing.Policy.Kind == LimitKind.Flow) local.Block(charges[i], standing.RetryAfter);
        }

        var verdict = shared ?? own with { IsAlone = true };
        metrics.Charged(charges[0].Policy, verdict);
        return verdict;
    }

    /// <summary>Where the policies stand; charges nothing. Of the store's count and the node's own the tighter one.</summary>
    public async Task<LimitVerdict> LookAsync(IReadOnlyList<LimitCharge> charges, CancellationToken cancellationToken)
    {
        LimitCharge[] looks = [.. charges.Select(charge => charge with { Amount = 0 })];
        var own = local.TryCharge(looks, "", out _);
        return await AskAsync("charge", looks, "", cancellationToken) is { } shared
            ? new([.. own.Standings.Zip(shared.Standings, (a, b) => a.Used > b.Used ? a : b)])
            : own with { IsAlone = true };
    }

    /// <summary>Puts the true amounts in the place of what was reserved under the name; more than was reserved is charged too.</summary>
    public async Task SettleAsync(IReadOnlyList<LimitCharge> charges, string name, CancellationToken cancellationToken)
    {
        local.Settle(charges, name);
        await AskAsync("settle", charges, name, cancellationToken);
    }

    /// <summary>Forgets what was counted.</summary>
    /// <returns>How many counts the store had.</returns>
    public async Task<long> EraseAsync(IReadOnlyList<LimitCharge> charges, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(charges);
        foreach (var charge in charges) local.Forget(charge);
        return await breaker.ExecuteAsync(async stop =>
        {
            var database = await store.ConnectAsync(stop);
            return await database.KeyDeleteAsync([.. charges.Select(charge => charge.Key)]).WaitAsync(stop);
        }, cancellationToken);
    }

    /// <returns>Null while the store is away.</returns>
    private async Task<LimitVerdict?> AskAsync(string operation, IReadOnlyList<LimitCharge> charges, string name, CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            operation, name,
            .. charges.SelectMany(charge => (RedisValue[])
                [Word(charge.Policy.Kind), charge.Policy.Quota, Microseconds(charge.Policy.Window), charge.Amount, Microseconds(charge.Hold)]),
        ];
        try
        {
            return await breaker.ExecuteAsync(async stop =>
            {
                var database = await store.ConnectAsync(stop);
                var answer = (long[])(await database.ScriptEvaluateAsync(Script, [.. charges.Select(charge => charge.Key)], values).WaitAsync(stop))!;
                return new LimitVerdict([.. charges.Select((charge, i) => new LimitStanding(
                    charge.Policy, answer[i * 3], TimeSpan.FromMilliseconds(answer[(i * 3) + 1]), TimeSpan.FromMilliseconds(answer[(i * 3) + 2])))]);
            }, cancellationToken);
        }
        catch (Exception e) when (DependencyBreaker.IsAway(e))
        {
            // Readiness and the breaker's state tell it; the same policy goes on, counted by this node.
            return null;
        }
    }

    private static string Word(LimitKind kind) => kind switch
    {
        LimitKind.Log => "log",
        LimitKind.Flow => "flow",
        LimitKind.Reserved => "reserved",
    };

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    private static string ReadScript()
    {
        using var stream = typeof(Limiter).Assembly.GetManifestResourceStream("limits.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
