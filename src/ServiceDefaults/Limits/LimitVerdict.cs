namespace Throughline.ServiceDefaults;

/// <summary>Whether all charges fitted, and where each policy stands now. Either all were charged or none.</summary>
/// <param name="IsAlone">The store did not answer: this node judged by what it has itself admitted.</param>
public sealed record LimitVerdict(IReadOnlyList<LimitStanding> Standings, bool IsAlone = false)
{
    public bool IsAllowed => !Standings.Any(standing => standing.IsViolated);

    public IEnumerable<LimitStanding> Violated => Standings.Where(standing => standing.IsViolated);

    /// <summary>When the same would fit; zero where it did.</summary>
    public TimeSpan RetryAfter => Standings.Max(standing => standing.RetryAfter);
}

/// <param name="Used">With this charge, if it was allowed.</param>
/// <param name="RetryAfter">When the charge would fit; zero where it did.</param>
/// <param name="MoreAfter">When some of what is used is free again; zero where nothing is used.</param>
public sealed record LimitStanding(LimitPolicy Policy, long Used, TimeSpan RetryAfter, TimeSpan MoreAfter)
{
    public bool IsViolated => RetryAfter > TimeSpan.Zero;

    public long Remaining => Math.Max(0, Policy.Quota - Used);

    /// <summary>Whole seconds, never too early.</summary>
    public int ResetSeconds => (int)Math.Ceiling((IsViolated ? RetryAfter : MoreAfter).TotalSeconds);
}
