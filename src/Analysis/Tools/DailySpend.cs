namespace Throughline.Analysis.Tools;

internal sealed record DayTotals(DateOnly Day, Totals Totals);

/// <summary>A day that stands out.</summary>
/// <param name="Usual">The median of its peers.</param>
/// <param name="Peers">The days it is compared with: the same weekday, else the same kind of day.</param>
internal sealed record UnusualDay(DayTotals Day, decimal Usual, IReadOnlyList<DayTotals> Peers, bool BySameWeekday);

/// <summary>Spend by local day, every day of the period, and what stands out in it.</summary>
internal sealed record DailySpend(IReadOnlyList<DayTotals> Days, UnusualDay? Unusual)
{
    // A day stands out that lies five spreads above its peers' median and costs half as much again, or more.
    private const decimal Spreads = 5, Ratio = 1.5m, LeastSpread = 0.05m, LeastShare = 0.01m;

    public static Task<DailySpend> ReadAsync(Work work, CancellationToken cancellationToken) => work.Session.OnceAsync(("daily", work.Scope), async () =>
    {
        var groups = await work.Session.ByAsync(work.Rows with { Priced = true }, Dimension.Day, cancellationToken);
        var byDay = groups.Where(group => group.Name is not null)
            .ToDictionary(group => DateOnly.ParseExact(group.Name!, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), group => group.Totals);
        var days = new List<DayTotals>();
        if (byDay.Count > 0)
        {
            // A day without requests cost nothing; that is part of the picture. A gap of years is not.
            for (var day = byDay.Keys.Min(); day <= byDay.Keys.Max() && days.Count < 4000; day = day.AddDays(1))
                days.Add(new DayTotals(day, byDay.GetValueOrDefault(day, Totals.None)));
        }

        return new DailySpend(days, FindUnusual(days));
    });

    /// <summary>Days that are like <paramref name="day"/>, itself left out.</summary>
    public static (IReadOnlyList<DayTotals> Peers, bool BySameWeekday) PeersOf(DateOnly day, IReadOnlyList<DayTotals> days)
    {
        var same = days.Where(other => other.Day != day && other.Day.DayOfWeek == day.DayOfWeek).ToArray();
        if (same.Length >= 2) return (same, true);
        var kind = days.Where(other => other.Day != day && IsWeekend(other.Day) == IsWeekend(day)).ToArray();
        return (kind.Length >= 2 ? kind : [.. days.Where(other => other.Day != day)], false);
    }

    public static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    public static decimal Median(IEnumerable<decimal> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Median absolute deviation, scaled to a standard deviation.</summary>
    public static decimal Spread(IReadOnlyList<decimal> values)
    {
        var median = Median(values);
        return 1.4826m * Median(values.Select(value => Math.Abs(value - median)));
    }

    private static UnusualDay? FindUnusual(List<DayTotals> days)
    {
        var total = days.Sum(day => day.Totals.Cost);
        UnusualDay? found = null;
        foreach (var day in days)
        {
            var (peers, same) = PeersOf(day.Day, days);
            if (peers.Count < 2) continue;
            var costs = peers.Select(peer => peer.Totals.Cost).ToArray();
            var usual = Median(costs);
            var over = day.Totals.Cost - usual;
            var spread = Math.Max(Spread(costs), LeastSpread * usual);
            if (usual > 0 && over >= Spreads * spread && day.Totals.Cost >= Ratio * usual && over >= LeastShare * total
                && (found is null || over > found.Day.Totals.Cost - found.Usual))
                found = new UnusualDay(day, usual, peers, same);
        }

        return found;
    }
}
