using System.Globalization;

namespace Throughline.Verify.Reports;

/// <summary>The words that all reports share.</summary>
internal static class Words
{
    public static string Chat(VerifyResult result) => result.StartFailure is not null ? "The stack did not start" : result.CanChat switch
    {
        true => "A user can chat",
        false => "A user cannot rely on chat",
        null => "Whether a user can chat was not shown in full",
    };

    public static string Summary(VerifyResult result)
    {
        var load = result.Machine.LoadAfter is { } l ? string.Create(CultureInfo.InvariantCulture, $", load {l:0.0}") : "";
        var slack = result.Slack > 1 ? string.Create(CultureInfo.InvariantCulture, $" Limits of time were multiplied by {result.Slack:0.#}.") : "";
        return result.StartFailure ?? string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Findings.Count(f => f.Verdict == Verdict.Passed)} of {result.Findings.Count} assertions hold, on {result.Target}, {result.StartedAt:yyyy-MM-dd HH:mm:ss}Z, in {result.ElapsedMs / 1000:0.0} s on {result.Machine.Cores} cores{load}.{slack}");
    }

    public static string Of(StepState state) => state.ToString().ToUpperInvariant();

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "Holds",
        Verdict.Failed => "Fails",
        Verdict.Blocked => "Blocked",
        Verdict.Unknown => "Unknown",
        Verdict.Excluded => "Excluded",
        Verdict.Crashed => "The check itself failed",
    };

    public static string LastFailure(ReportContext context, string check) => context.LastFailures.TryGetValue(check, out var seen)
        ? $"{seen.At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}Z, {seen.Fault ?? seen.Assertion}"
        : "UNPROVEN: never seen to fail";
}
