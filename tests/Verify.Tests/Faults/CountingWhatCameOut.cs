using Throughline.Verify.Faults;

namespace Throughline.Verify.Tests.Faults;

/// <summary>What <c>prove</c> counts, and when it says that all is well.</summary>
public sealed class CountingWhatCameOut
{
    private static readonly FaultResult Seen = Fault("token-stripped", FaultOutcome.Named, expected: "proxy.token_stripped");
    private static readonly FaultResult Control = Fault("nothing", FaultOutcome.Quiet, expected: null);

    [Fact]
    public void Faults_seen_and_named_and_quiet_controls_are_all_that_is_well()
    {
        var result = Of(Seen, Control);
        Assert.Equal((1, 1, 1, VerifyExit.Working), (result.Effective.Count(), result.Detected, result.Named, result.ExitCode));
        Assert.StartsWith("1 faults took effect: 1 failed a check, 1 named right first, 0 unknown, 0 misnamed, 0 missed.", result.Summary(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultOutcome.Missed, 0, 0)]
    [InlineData(FaultOutcome.Unknown, 1, 0)]
    [InlineData(FaultOutcome.Misnamed, 1, 0)]
    public void A_fault_that_is_not_seen_or_not_named_is_no_success(FaultOutcome outcome, int detected, int named)
    {
        var result = Of(Control, Fault("other", outcome, expected: "auth.hung"));
        Assert.Equal((1, detected, named, VerifyExit.Broken), (result.Effective.Count(), result.Detected, result.Named, result.ExitCode));
    }

    [Fact]
    public void An_inert_fault_counts_for_nothing_and_a_void_one_is_told_by_the_exit_code()
    {
        var inert = Of(Seen, Fault("without-effect", FaultOutcome.Inert, expected: "auth.hung"));
        Assert.Equal((1, VerifyExit.Working), (inert.Effective.Count(), inert.ExitCode));
        var @void = Of(Seen, Fault("impossible-here", FaultOutcome.Void, expected: "auth.hung"));
        Assert.Equal((1, VerifyExit.Broken), (@void.Effective.Count(), @void.ExitCode));
    }

    [Fact]
    public void A_control_that_fails_a_check_is_a_false_alarm()
    {
        var result = Of(Seen, Fault("nothing", FaultOutcome.FalseAlarm, expected: null));
        Assert.Equal((1, VerifyExit.Broken), (result.Effective.Count(), result.ExitCode));
        Assert.Contains("Controls: 0 quiet, 1 false alarms", result.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_put_back_what_was_not_judged_and_what_was_not_come_to_are_told_by_the_exit_code()
    {
        Assert.Equal(VerifyExit.Broken, Of(Seen with { IsRestored = false }).ExitCode);
        Assert.Equal(VerifyExit.Broken, (Of(Seen) with { NotJudged = ["recovery.usable"] }).ExitCode);
        Assert.Equal(VerifyExit.Unknown, (Of(Seen) with { Wanted = 2 }).ExitCode);
    }

    [Fact]
    public void Runs_with_nothing_broken_are_counted_with_what_was_not_green_in_them()
    {
        var result = Of(Seen with { After = [] }, Seen with { After = ["startup.origin"] }, Seen with { After = null }) with
        {
            Baselines = [new BaselineResult("baseline-1", ["recovery.usable"], null!), new BaselineResult("baseline-2", [], null!)],
        };
        Assert.Equal(2, result.PutBack.Count());
        Assert.Contains("before anything was broken: 2 runs, 1 not green; put back: 2 runs, 1 not green at first", result.Summary(), StringComparison.Ordinal);
    }

    private static ProveResult Of(params IReadOnlyList<FaultResult> faults) => new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(90), [], faults, new MachineNote(2, "", 0, 0), 1, IsWhole: true, [], faults.Count);

    private static FaultResult Fault(string name, FaultOutcome outcome, string? expected) => new(
        name, "family", "Something is done", expected, outcome, outcome is FaultOutcome.Missed or FaultOutcome.Quiet ? [] : ["journey"], new Dictionary<string, string>(), [], null, IsRestored: true, After: null, ElapsedMs: 1000, Load: 0,
        At: DateTimeOffset.UnixEpoch);
}
