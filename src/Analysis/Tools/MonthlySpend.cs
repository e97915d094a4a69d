namespace Throughline.Analysis.Tools;

/// <summary>Spend by calendar month, from the days.</summary>
internal static class MonthlySpend
{
    /// <summary>Nothing where the data has no dates or no prices.</summary>
    public static async Task<IReadOnlyList<DayTotals>> DaysAsync(Work work, CancellationToken cancellationToken) =>
        work.Session.Files.Count == 0 ? [] : (await DailySpend.ReadAsync(work, cancellationToken)).Days;

    /// <summary>Each month under its first day.</summary>
    public static async Task<IReadOnlyList<DayTotals>> ReadAsync(Work work, CancellationToken cancellationToken) =>
        [.. (await DaysAsync(work, cancellationToken)).GroupBy(day => new DateOnly(day.Day.Year, day.Day.Month, 1))
            .Select(month => new DayTotals(month.Key, month.Aggregate(Totals.None, (sum, day) => sum + day.Totals)))];

    public static async Task<DayTotals?> LastAsync(Work work, CancellationToken cancellationToken) =>
        await ReadAsync(work, cancellationToken) is [.., var last] ? last : null;
}
