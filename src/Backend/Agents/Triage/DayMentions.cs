using System.Globalization;
using System.Text.RegularExpressions;

namespace Throughline.Backend.Agents.Triage;

internal sealed record DayRange(DateOnly From, DateOnly To, int Start);

/// <summary>Finds the days that a question names, against the period that the data covers.</summary>
internal static partial class DayMentions
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    public static IReadOnlyList<DayRange> In(string question, DateOnly first, DateOnly last)
    {
        var found = new List<DayRange>();
        foreach (Match match in Iso().Matches(question))
        {
            if (DateOnly.TryParseExact(match.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) found.Add(new DayRange(day, day, match.Index));
        }

        var taken = new List<(int From, int To)>();
        bool Free(Match match) => !taken.Exists(span => match.Index < span.To && match.Index + match.Length > span.From);
        foreach (Match match in Days().Matches(question).Concat(MonthFirst().Matches(question)))
        {
            if (!Free(match) || MonthOf(match.Groups["month"].Value) is not { } month) continue;
            var year = YearOf(match, month, first, last);
            var from = int.Parse(match.Groups["from"].Value, CultureInfo.InvariantCulture);
            var to = match.Groups["to"].Success ? int.Parse(match.Groups["to"].Value, CultureInfo.InvariantCulture) : from;
            if (from < 1 || to < from || to > DateTime.DaysInMonth(year, month)) continue;
            found.Add(new DayRange(new DateOnly(year, month, from), new DateOnly(year, month, to), match.Index));
            taken.Add((match.Index, match.Index + match.Length));
        }

        foreach (Match match in Month().Matches(question))
        {
            if (!Free(match) || MonthOf(match.Groups["month"].Value) is not { } month) continue;
            // "may" is a month only with a capital letter or a year.
            if (month == 5 && match.Value is ['m', ..] && !match.Groups["year"].Success) continue;
            var year = YearOf(match, month, first, last);
            found.Add(new DayRange(new DateOnly(year, month, 1), new DateOnly(year, month, DateTime.DaysInMonth(year, month)), match.Index));
        }

        if (Recent().Match(question) is { Success: true } recent)
        {
            var days = recent.Groups["n"].Success ? int.Parse(recent.Groups["n"].Value, CultureInfo.InvariantCulture) : 1;
            if (recent.Groups["unit"].Value.StartsWith("week", StringComparison.OrdinalIgnoreCase)) days *= 7;
            if (days is > 0 and < 4000) found.Add(new DayRange(last.AddDays(1 - days), last, recent.Index));
        }

        return [.. found.OrderBy(range => range.Start)];
    }

    private static int? MonthOf(string name)
    {
        var index = Array.FindIndex(Months, month => month.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index + 1;
    }

    /// <summary>A date without a year lies in the data's period, where it can.</summary>
    private static int YearOf(Match match, int month, DateOnly first, DateOnly last)
    {
        if (match.Groups["year"].Success) return int.Parse(match.Groups["year"].Value, CultureInfo.InvariantCulture);
        for (var year = last.Year; year >= first.Year; year--)
        {
            if (new DateOnly(year, month, 1) <= last && new DateOnly(year, month, DateTime.DaysInMonth(year, month)) >= first) return year;
        }

        return last.Year;
    }

    private const string MonthName = "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}\b")]
    private static partial Regex Iso();

    [GeneratedRegex(@"\b(?<from>\d{1,2})(?:st|nd|rd|th)?(?:\s*(?:to|-|–|until|and)\s*(?<to>\d{1,2})(?:st|nd|rd|th)?)?\s+(?:of\s+)?" + MonthName + @"\b\.?(?:\s+(?<year>20\d\d))?", Options)]
    private static partial Regex Days();

    [GeneratedRegex(@"\b" + MonthName + @"\.?\s+(?<from>\d{1,2})(?:st|nd|rd|th)?\b(?:\s*(?:to|-|–)\s*(?<to>\d{1,2})(?:st|nd|rd|th)?\b)?(?:,?\s+(?<year>20\d\d))?", Options)]
    private static partial Regex MonthFirst();

    [GeneratedRegex(@"\b" + MonthName + @"\b(?:\s+(?<year>20\d\d))?", Options)]
    private static partial Regex Month();

    [GeneratedRegex(@"\b(?:last|past|previous)\s+(?:(?<n>\d{1,3})\s+)?(?<unit>days?|weeks?)\b", Options)]
    private static partial Regex Recent();
}
