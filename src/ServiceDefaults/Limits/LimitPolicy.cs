using StackExchange.Redis;

namespace Throughline.ServiceDefaults;

/// <summary>So much in so long.</summary>
/// <param name="Name">As header fields and <c>/api/limits</c> tell it: lower-case words with hyphens.</param>
/// <param name="Unit">The quota unit of the draft (<c>qu</c>), where it is not requests: <c>content-bytes</c>.</param>
public sealed record LimitPolicy(string Name, long Quota, TimeSpan Window, LimitKind Kind, string? Unit = null)
{
    public int WindowSeconds => (int)Math.Ceiling(Window.TotalSeconds);
}

public enum LimitKind
{
    /// <summary>A sliding-window log: never more than the quota in any window; the same name again is free.</summary>
    Log,

    /// <summary>GCRA: the quota at once, then what runs out at quota / window.</summary>
    Flow,

    /// <summary>A flow whose charges are reserved first and settled when the true amount is known.</summary>
    Reserved,
}

/// <summary>Something to be charged under a policy. An amount of 0 only looks.</summary>
public sealed record LimitCharge(LimitPolicy Policy, LimitSubject Subject, long Amount = 1)
{
    /// <summary>How long a reservation counts that nobody settles, because its process died.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMinutes(1);

    internal RedisKey Key => StoreKeys.Limit(Policy.Name, Subject);
}
