using System.Globalization;

namespace Throughline.Verify;

/// <summary>What a run came to; every report is made from this and nothing else.</summary>
/// <param name="CanChat">Whether a user can sign up, ask and get an answer: every step of the path works. Null: not known.</param>
/// <param name="Left">E-mails of users that could not be erased.</param>
/// <param name="Looks">What was looked at once something had failed: evidence for the causes, not counted.</param>
public sealed record VerifyResult(
    Guid Id, string Version, string Target, DateTimeOffset StartedAt, DateTimeOffset EndedAt, double StartMs, bool? CanChat, int ExitCode,
    IReadOnlyList<CheckOutcome> Checks, IReadOnlyList<StepStatus> Steps, IReadOnlyList<Cause> Causes, Exposure Money, IReadOnlyList<Finding> Findings,
    MachineNote Machine, double Slack = 1, string? StartFailure = null, IReadOnlyList<string>? Left = null, IReadOnlyList<Finding>? Looks = null)
{
    public double ElapsedMs => Math.Round((EndedAt - StartedAt).TotalMilliseconds);
}

/// <param name="FirstFailure">The first assertion that failed, by time.</param>
public sealed record CheckOutcome(int Number, string Id, string Name, StepState State, int Passed, int Failed, int Blocked, int Unknown, int Excluded, int Crashed, double ElapsedMs, string? FirstFailure);

/// <summary>The machine, and its load average over a minute: timings on a busy machine are worth little.</summary>
public sealed record MachineNote(int Cores, string OperatingSystem, double? LoadBefore, double? LoadAfter)
{
    public static double? Load()
    {
        try
        {
            return double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null; // not Linux
        }
    }
}

/// <summary>What verify ends with.</summary>
public static class VerifyExit
{
    public const int Working = 0;
    public const int Broken = 1;
    public const int Usage = 2;
    public const int Crashed = 3;
    public const int NotStarted = 4;
    public const int Unknown = 5;

    public static int Of(IReadOnlyList<Finding> findings) =>
        findings.Any(f => f.Verdict == Verdict.Crashed) ? Crashed
        : findings.Any(f => f.Verdict is Verdict.Failed or Verdict.Blocked) ? Broken
        : findings.Any(f => f.Verdict == Verdict.Unknown) || findings.All(f => f.Verdict == Verdict.Excluded) ? Unknown
        : Working;
}
