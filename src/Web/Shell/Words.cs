using System.Globalization;

namespace Throughline.Web.Shell;

/// <summary>Numbers and times in words, the same everywhere.</summary>
public static class Words
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static string Count(long value) => value.ToString("N0", Plain);

    /// <summary><c>1 row</c>, <c>2 rows</c>.</summary>
    public static string Count(long value, string one, string? many = null) => $"{Count(value)} {(value == 1 ? one : many ?? one + "s")}";

    /// <summary><c>0.31 s</c>, <c>1.8 s</c>, <c>2 min 4 s</c>.</summary>
    public static string Seconds(double milliseconds) => milliseconds switch
    {
        < 0 => "0.00 s",
        < 10_000 => (milliseconds / 1000).ToString("0.00", Plain) + " s",
        < 60_000 => (milliseconds / 1000).ToString("0.0", Plain) + " s",
        _ => string.Create(Plain, $"{(long)milliseconds / 60_000} min {(long)milliseconds / 1000 % 60} s"),
    };

    /// <summary>For a clock that runs: tenths, so that it is calm.</summary>
    public static string LiveSeconds(double milliseconds) =>
        milliseconds < 60_000 ? (Math.Max(0, milliseconds) / 1000).ToString("0.0", Plain) + " s" : Seconds(milliseconds);

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => Count(bytes, "byte"),
        < 1024 * 1024 => (bytes / 1024d).ToString("0", Plain) + " KiB",
        < 1024L * 1024 * 1024 => (bytes / (1024d * 1024)).ToString("0.0", Plain) + " MiB",
        _ => (bytes / (1024d * 1024 * 1024)).ToString("0.0", Plain) + " GiB",
    };

    /// <summary><c>0:23</c>.</summary>
    public static string Countdown(TimeSpan left) =>
        string.Create(Plain, $"{(int)left.TotalMinutes}:{left.Seconds:00}");

    public static string Day(DateTimeOffset at) => at.ToString("d MMM", Plain);

    public static string DayAndYear(DateTimeOffset at) => at.ToString("d MMM yyyy", Plain);

    public static string Time(DateTimeOffset at) => at.ToString("HH:mm", Plain);

    /// <summary><c>Today, 09:41</c>, <c>yesterday, 22:14</c>, <c>3 Nov</c>.</summary>
    public static string When(DateTimeOffset at, DateTimeOffset now)
    {
        at = at.ToOffset(now.Offset);
        return (now.Date - at.Date).Days switch
        {
            0 => Time(at),
            1 => $"yesterday, {Time(at)}",
            _ => at.Year == now.Year ? $"{Day(at)}, {Time(at)}" : $"{DayAndYear(at)}, {Time(at)}",
        };
    }

    /// <summary><c>just now</c>, <c>4 minutes ago</c>, <c>2 hours ago</c>, <c>yesterday</c>, <c>3 Nov</c>.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var age = now - at;
        return age switch
        {
            { TotalMinutes: < 1 } => "just now",
            { TotalHours: < 1 } => Count((long)age.TotalMinutes, "minute") + " ago",
            { TotalHours: < 24 } => Count((long)age.TotalHours, "hour") + " ago",
            { TotalHours: < 48 } => "yesterday",
            _ => at.Year == now.Year ? Day(at) : DayAndYear(at),
        };
    }

    /// <summary><c>1 to 23 Nov 2025</c>, <c>30 Oct to 2 Nov 2025</c>, <c>16 Nov 2025, 18:17 to 19:14 UTC</c>.</summary>
    public static string Period(DateTimeOffset from, DateTimeOffset to)
    {
        if (from.Date == to.Date)
            return $"{DayAndYear(from)}, {Time(from)} to {Time(to)} UTC";
        if (from.Year != to.Year)
            return $"{DayAndYear(from)} to {DayAndYear(to)}";
        return from.Month == to.Month ? $"{from.Day} to {DayAndYear(to)}" : $"{Day(from)} to {DayAndYear(to)}";
    }

    /// <summary><c>Early tier</c>.</summary>
    public static string Tier(string tier) => tier.Length == 0 ? tier : char.ToUpperInvariant(tier[0]) + tier[1..] + " tier";

    public static string Initials(string name)
    {
        var parts = name.Split([' ', '.', '@', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(parts.Take(2).Select(part => char.ToUpperInvariant(part[0])));
    }

    /// <summary>A hash is told apart by its ends.</summary>
    public static string ShortHash(string hash) => hash.Length <= 12 ? hash : $"{hash[..4]}…{hash[^4..]}";
}
