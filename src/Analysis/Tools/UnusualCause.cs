using System.Globalization;

namespace Throughline.Analysis.Tools;

/// <summary>What made an unusual day cost more: the feature and model with the greatest excess, and its hours.</summary>
/// <param name="Rows">The rows of those hours.</param>
/// <param name="UsualModel">The model that the feature runs on otherwise, where it is another one.</param>
internal sealed record UnusualCause(string? Feature, string? Model, RowFilter Rows, Totals Totals, string? UsualModel)
{
    // Neighbouring hours belong to the episode while they cost a tenth of its peak.
    private const decimal Tail = 0.1m;

    public static Task<UnusualCause?> FindAsync(Work work, UnusualDay unusual, CancellationToken cancellationToken) =>
        work.Session.OnceAsync(("cause", work.Scope), () => ComputeAsync(work, unusual, cancellationToken));

    private static async Task<UnusualCause?> ComputeAsync(Work work, UnusualDay unusual, CancellationToken cancellationToken)
    {
        var (where, parameters) = (work.Rows with { Priced = true }).ToSql();
        var parts = await work.Session.QueryAsync(
            $"SELECT feature, model, strftime(hour, '%Y-%m-%d'), sum(cost)::DECIMAL(38,12) FROM {UsageQueries.Table(work.Rows)} WHERE {where} GROUP BY ALL ORDER BY ALL",
            reader => (Feature: reader.IsDBNull(0) ? null : reader.GetString(0), Model: reader.IsDBNull(1) ? null : reader.GetString(1),
                Day: reader.IsDBNull(2) ? "" : reader.GetString(2), Cost: reader.GetDecimal(3)), cancellationToken, parameters);
        var day = Dates.Iso(unusual.Day.Day);
        var peers = unusual.Peers.Select(peer => Dates.Iso(peer.Day)).ToHashSet();
        var cause = parts.GroupBy(part => (part.Feature, part.Model)).Select(group => (group.Key,
                Excess: group.Where(part => part.Day == day).Sum(part => part.Cost)
                    - DailySpend.Median(peers.Select(peer => group.Where(part => part.Day == peer).Sum(part => part.Cost)))))
            .OrderByDescending(part => part.Excess).FirstOrDefault();
        if (cause.Excess < (unusual.Day.Totals.Cost - unusual.Usual) / 3) return null;

        var rows = work.Rows with { From = unusual.Day.Day, To = unusual.Day.Day, Feature = cause.Key.Feature, Model = cause.Key.Model, Priced = true };
        var (hourWhere, hourParameters) = rows.ToSql();
        var hours = await work.Session.QueryAsync(
            $"SELECT hour, sum(cost)::DECIMAL(38,12) FROM {UsageQueries.Table(rows)} WHERE {hourWhere} GROUP BY hour ORDER BY hour",
            reader => (Hour: reader.GetDateTime(0), Cost: reader.GetDecimal(1)), cancellationToken, hourParameters);
        var peak = hours.FindIndex(hour => hour.Cost == hours.Max(other => other.Cost));
        var (first, last) = (peak, peak);
        while (first > 0 && hours[first - 1].Cost >= Tail * hours[peak].Cost && hours[first - 1].Hour == hours[first].Hour.AddHours(-1)) first--;
        while (last < hours.Count - 1 && hours[last + 1].Cost >= Tail * hours[peak].Cost && hours[last + 1].Hour == hours[last].Hour.AddHours(1)) last++;
        rows = rows with { FromHour = hours[first].Hour, ToHour = hours[last].Hour };
        var totals = await work.Session.TotalAsync(rows, cancellationToken);

        string? usual = null;
        if (cause.Key.Feature is not null)
        {
            var models = await work.Session.ByAsync(work.Rows with { Feature = cause.Key.Feature }, Dimension.Model, cancellationToken);
            usual = models.Select(model => (model.Name, Requests: model.Totals.Requests - (model.Name == cause.Key.Model ? totals.Requests : 0)))
                .Where(model => model.Requests > 0).OrderByDescending(model => model.Requests).ThenBy(model => model.Name, StringComparer.Ordinal).FirstOrDefault().Name;
        }

        return new UnusualCause(cause.Key.Feature, cause.Key.Model, rows, totals, usual == cause.Key.Model ? null : usual);
    }

    /// <summary>First and last minute, local.</summary>
    public (string From, string To) Times(UsageScope scope)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(scope.TimeZone);
        string Time(DateTime? at) => at is null ? "" : Dates.Local(at.Value, zone).ToString("HH:mm", CultureInfo.InvariantCulture);
        return (Time(Totals.First), Time(Totals.Last));
    }
}
