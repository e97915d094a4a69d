using System.Globalization;
using Throughline.Contracts.Threads;

namespace Throughline.Web.Threads;

/// <summary>Threads under the day they last changed: today, yesterday, the week, then by month.</summary>
internal static class ThreadDays
{
    public static IEnumerable<(string Heading, IReadOnlyList<ThreadSummary> Threads)> Group(IEnumerable<ThreadSummary> threads, DateTimeOffset now) =>
        threads.GroupBy(thread => HeadingOf(thread.UpdatedAt.ToOffset(now.Offset), now))
            .Select(group => (group.Key, (IReadOnlyList<ThreadSummary>)[.. group]));

    private static string HeadingOf(DateTimeOffset at, DateTimeOffset now) => (now.Date - at.Date).Days switch
    {
        <= 0 => "Today",
        1 => "Yesterday",
        < 7 => "This week",
        < 14 => "Last week",
        _ => at.Year == now.Year ? at.ToString("MMMM", CultureInfo.InvariantCulture) : at.ToString("MMMM yyyy", CultureInfo.InvariantCulture),
    };
}
