using System.Globalization;
using Throughline.Contracts.Facts;

namespace Throughline.Analysis.Tools;

/// <summary>Dates and times in words. They are not figures, but they too come from the data only.</summary>
public static class Dates
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static DateTime Local(DateTime utc, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone);

    /// <summary>E.g. <c>16 November 2025</c>.</summary>
    public static string Full(DateOnly day) => day.ToString("d MMMM yyyy", Invariant);

    /// <summary>E.g. <c>Sunday 16 November</c>.</summary>
    public static string Weekday(DateOnly day) => day.ToString("dddd d MMMM", Invariant);

    /// <summary>E.g. <c>1 to 23 November</c>, or with the year <c>1 to 23 Nov 2025</c>.</summary>
    public static string Span(DateTime first, DateTime last, bool withYear) => Span(DateOnly.FromDateTime(first), DateOnly.FromDateTime(last), withYear);

    public static string Span(DateOnly first, DateOnly last, bool withYear)
    {
        var month = withYear ? "MMM" : "MMMM";
        var full = withYear ? $"d {month} yyyy" : $"d {month}";
        if (first == last) return last.ToString(full, Invariant);
        if (first.Year != last.Year) return first.ToString($"d {month} yyyy", Invariant) + " to " + last.ToString($"d {month} yyyy", Invariant);
        return first.ToString(first.Month == last.Month ? "%d" : $"d {month}", Invariant) + " to " + last.ToString(full, Invariant);
    }

    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", Invariant);

    internal static FactPeriod? PeriodOf(Totals totals) => totals is { First: { } first, Last: { } last }
        ? new FactPeriod(new DateTimeOffset(DateTime.SpecifyKind(first, DateTimeKind.Utc)), new DateTimeOffset(DateTime.SpecifyKind(last, DateTimeKind.Utc)))
        : null;
}
