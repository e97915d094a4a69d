using System.Globalization;
using Throughline.Contracts.Proof;
using Throughline.Web.Shell;

namespace Throughline.Web.Proof;

/// <summary>A report in the words of the page.</summary>
internal static class ProofWords
{
    private static readonly string[] Small = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

    public static string Answer(ProofReport report) => report.CanChat switch { true => "Yes", false => "No", null => "Unknown" };

    /// <summary>Step at which the path stops; null where it does not.</summary>
    public static ProofStep? Break(ProofReport report) =>
        report.Steps.FirstOrDefault(s => s.State == ProofState.Broken) ?? report.Steps.FirstOrDefault(s => s.State is ProofState.Blocked);

    /// <summary>What follows the name of the step at which the path breaks.</summary>
    public static string Causes(ProofReport report)
    {
        var (all, open) = (report.Causes.Count, report.Causes.Count(c => !IsConfirmed(c)));
        if (all == 0) return "The evidence names no cause.";
        var confirmed = open == 0 ? all == 1 ? "confirmed" : "all confirmed" : open == all ? "not yet certain" : $"{open} of them not yet certain";
        return all == 1 ? $"One cause, {confirmed}." : $"{Number(all)} causes, {confirmed}. It works again only when what stands in the way is fixed.";
    }

    /// <summary>Whether the checks held, and when each was seen to fail.</summary>
    public static string Checks(ProofReport report, IReadOnlyList<SeenToFail> seen, DateTimeOffset now)
    {
        var ran = report.Checks.Where(c => c.State != ProofState.Excluded).ToList();
        var held = ran.Count(c => c.State == ProofState.Working);
        var passed = held == ran.Count ? $"All {Number(held).ToLowerInvariant()} checks that this target allows passed" : $"{held} of {ran.Count} checks passed";
        var unproven = ran.Count(c => !seen.Any(s => s.Check == c.Id));
        var oldest = seen.Where(s => ran.Any(c => c.Id == s.Check)).Select(s => now - s.At).DefaultIfEmpty().Max();
        return unproven > 0
            ? $"{passed}; {Words.Count(unproven, "check was", "checks were")} never seen to fail."
            : $"{passed}, and each was seen to fail within the last {Words.Count((long)Math.Ceiling(Math.Max(1, oldest.TotalDays)), "day")}.";
    }

    /// <summary>From sign-up to answer, milliseconds; null where that was not measured.</summary>
    public static double? JourneyMs(ProofReport report) => report.Findings.FirstOrDefault(f => f.Id == "journey.answer.total")?.Measurement?.Value;

    /// <summary>What stands below a step: its time, or what it waits for.</summary>
    public static string Because(ProofReport report, ProofStep step) => step.State switch
    {
        ProofState.Working => step.ElapsedMs is { } took ? Took(took) : "",
        ProofState.Broken => Words.Count(step.By.Count, "assertion fails", "assertions fail"),
        // Most often a step; where an assertion of another step blocks, its id says more than nothing.
        ProofState.Blocked => step.By is [var by, ..] ? $"needs {report.Steps.FirstOrDefault(s => s.Id == by)?.Name ?? by}" : "",
        ProofState.Unknown => $"{Words.Count(step.By.Count, "assertion")} not run",
        ProofState.Excluded => "not asked for",
    };

    public static bool IsConfirmed(ProofCause cause) => cause.Fault != "unknown";

    public static string Word(ProofState state) => state.ToString().ToUpperInvariant();

    public static string Tone(ProofState state) => state switch
    {
        ProofState.Working => "ok",
        ProofState.Broken => "bad",
        ProofState.Blocked => "warn",
        ProofState.Unknown => "unk",
        ProofState.Excluded => "unk",
    };

    public static string Glyph(ProofState state) => state switch
    {
        ProofState.Working => Glyphs.Check,
        ProofState.Broken => Glyphs.Cross,
        ProofState.Blocked => Glyphs.Bar,
        ProofState.Unknown => Glyphs.Question,
        ProofState.Excluded => Glyphs.Bar,
    };

    /// <summary><c>$397,000</c>; another currency by its code.</summary>
    public static string Money(decimal amount, string currency)
    {
        var text = amount.ToString(amount == decimal.Truncate(amount) ? "N0" : "N2", CultureInfo.InvariantCulture);
        return currency == "USD" ? $"${text}" : $"{currency} {text}";
    }

    public static string Stands(string revenue) => revenue switch { "Protected" => "protected", "AtRisk" => "at risk", _ => "unverified" };

    /// <summary><c>6 ms</c>, <c>2.1 s</c>.</summary>
    public static string Took(double milliseconds) => milliseconds < 1000
        ? milliseconds.ToString(milliseconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + " ms"
        : (milliseconds / 1000).ToString("0.##", CultureInfo.InvariantCulture) + " s";

    /// <summary>The measured time that comes nearest to its limit.</summary>
    public static ProofMeasurement? Tightest(ProofReport report, string check) => report.Findings
        .Where(f => f.Check == check && f.Measurement is { Unit: "ms", Limit: > 0 }).Select(f => f.Measurement!).MaxBy(m => m.Value / m.Limit);

    /// <summary>Checks by number: <c>check 2</c>, <c>checks 1, 2 and 4</c>.</summary>
    public static string ExplainedBy(ProofReport report, ProofCause cause)
    {
        var numbers = report.Checks.Where(c => cause.Explains.Any(id => id.StartsWith(c.Id + ".", StringComparison.Ordinal))).Select(c => $"{c.Number}").ToList();
        return numbers switch
        {
            [] => Words.Count(cause.Explains.Count, "assertion"),
            [var one] => $"check {one}",
            _ => $"checks {string.Join(", ", numbers[..^1])} and {numbers[^1]}",
        };
    }

    public static string Number(int count) => count < Small.Length ? Small[count] : $"{count}";
}
