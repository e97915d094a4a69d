using Throughline.Backend.Agents.Models;
using Throughline.Backend.Users;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Limits;

/// <summary>Messages by tier: no window ever holds more than the quota, on however many nodes they come.</summary>
internal sealed class MessageLimit(Limiter limiter, Policies policies, ModelQuota model, UserReplica users)
{
    /// <summary>Charges one message, if the quota of the user's tier allows it.</summary>
    /// <param name="idempotencyKey">The same key again is not charged again.</param>
    public async Task<Charge> ChargeAsync(Guid userId, string idempotencyKey, CancellationToken cancellationToken)
    {
        var policy = policies.Messages(await users.TierAsync(userId, cancellationToken));
        return new Charge(await limiter.TryChargeAsync(
            [new(policy, LimitSubject.OfUser(userId)), new(policies.Service, LimitSubject.Everyone)], idempotencyKey, cancellationToken));
    }

    /// <summary>How much of every policy is left; charges nothing.</summary>
    public async Task<IReadOnlyList<LimitState>> StatesAsync(Guid userId, HttpContext context, CancellationToken cancellationToken)
    {
        var address = LimitSubject.OfAddress(context.Connection.RemoteIpAddress);
        var verdict = await limiter.LookAsync(
        [
            .. policies.OfUser(userId, await users.TierAsync(userId, cancellationToken)),
            .. model.LooksOf(userId), new(policies.Address, address), new(policies.SocketsOfAddress, address),
        ], cancellationToken);
        return [.. verdict.Standings.Select(s => new LimitState(s.Policy.Name, s.Policy.Quota, s.Policy.WindowSeconds, s.Remaining, s.ResetSeconds))];
    }

    /// <summary>Forgets what was counted of a user.</summary>
    /// <returns>How many keys the store had of it.</returns>
    public Task<long> EraseAsync(Guid userId, CancellationToken cancellationToken) => limiter.EraseAsync([.. policies.OfUser(userId, ""), .. ModelQuota.OfUser(userId)], cancellationToken);
}
