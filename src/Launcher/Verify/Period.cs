using System.Globalization;
using Throughline.Verify;

namespace Throughline.Launcher.Verify;

/// <summary>How far apart runs begin: <c>30s</c>, <c>5m</c>, <c>1h</c>.</summary>
internal static class Period
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static TimeSpan Parse(string text)
    {
        var unit = text.Length == 0 ? null : text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), _ => (TimeSpan?)null };
        return unit is { } one && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * one is var period && period >= Shortest && period <= Longest
            ? period
            : throw new LauncherException(VerifyExit.Usage, $"'{text}' is no period.", "Give 10 seconds to a day, such as --every 30s, 5m or 1h.");
    }
}
