using System.Globalization;
using System.Text.Json.Serialization;

namespace Throughline.Verify.Faults;

/// <summary>What came of one fault.</summary>
public enum FaultOutcome
{
    /// <summary>Checks failed, and the first cause named is the true one.</summary>
    Named,

    /// <summary>Checks failed, and the diagnosis said that it does not know.</summary>
    Unknown,

    /// <summary>Checks failed, and a wrong cause was named.</summary>
    Misnamed,

    /// <summary>The fault was there, and no check failed.</summary>
    Missed,

    /// <summary>The oracle saw no effect: nothing is said of the checks.</summary>
    Inert,

    /// <summary>It could not be brought about or undone.</summary>
    Void,

    /// <summary>A control, and nothing failed.</summary>
    Quiet,

    /// <summary>A control, and something failed.</summary>
    FalseAlarm,
}

/// <param name="Broken">Checks that failed, in the order in which they did.</param>
/// <param name="Assertions">The first failed assertion of each, by check.</param>
/// <param name="After">What the first run after it was put back found, and why: nothing, where all is well. Null where there was none.</param>
public sealed record FaultResult(
    string Name, string Family, string Sentence, string? Expected, FaultOutcome Outcome, IReadOnlyList<string> Broken, IReadOnlyDictionary<string, string> Assertions, IReadOnlyList<Cause> Causes,
    FixResult? Fix, bool IsRestored, IReadOnlyList<string>? After, double ElapsedMs, double? Load, DateTimeOffset At, string? Note = null, VerifyResult? Verdict = null)
{
    public bool IsControl => Expected is null;

    public string? FirstCause => Causes.FirstOrDefault(c => c.Component != "machine")?.Id;
}

/// <param name="Works">Whether the journey was green after it.</param>
public sealed record FixResult(string Command, bool Works, string? Why = null);

/// <summary>A run on a stack before anything was broken.</summary>
/// <param name="NotGreen">What did not hold in it.</param>
public sealed record BaselineResult(string Name, IReadOnlyList<string> NotGreen, VerifyResult Verdict);

/// <summary>What <c>prove</c> came to.</summary>
/// <param name="Wanted">How many faults were to be tried; fewer were where the run was stopped.</param>
/// <param name="NotJudged">Assertions that failed twice before anything was broken: nothing is said of them.</param>
public sealed record ProveResult(
    DateTimeOffset StartedAt, DateTimeOffset EndedAt, IReadOnlyList<BaselineResult> Baselines, IReadOnlyList<FaultResult> Faults, MachineNote Machine, double Slack, bool IsWhole, IReadOnlyList<string> NotJudged, int Wanted)
{
    /// <summary>How many stacks were broken side by side.</summary>
    public int Stacks { get; init; } = 1;

    public IEnumerable<FaultResult> Effective => Faults.Where(f => f is { IsControl: false, Outcome: not (FaultOutcome.Inert or FaultOutcome.Void) });

    public int Detected => Effective.Count(f => f.Outcome != FaultOutcome.Missed);

    /// <summary>Runs with nothing broken: one after each fault that was put back. Each of them may have raised a false alarm, as a control may.</summary>
    public IEnumerable<FaultResult> PutBack => Faults.Where(f => f.After is not null);

    /// <summary>What verify saw, before anything was broken and of each fault.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, VerifyResult Seen)> Runs =>
        [.. Baselines.Select(b => (b.Name, b.Verdict)), .. from fault in Faults where fault.Verdict is not null select (fault.Name, fault.Verdict)];

    public int Named => Effective.Count(f => f.Outcome == FaultOutcome.Named);

    /// <summary>For how many faults each check was the first to fail.</summary>
    public IReadOnlyDictionary<string, int> FirstToFail => Effective.Where(f => f.Broken.Count > 0).GroupBy(f => f.Broken[0]).ToDictionary(g => g.Key, g => g.Count());

    public int ExitCode => NotJudged.Count > 0 || Faults.Any(f => f.Outcome is FaultOutcome.Missed or FaultOutcome.Misnamed or FaultOutcome.Unknown or FaultOutcome.FalseAlarm or FaultOutcome.Void || !f.IsRestored) ? VerifyExit.Broken : Faults.Count < Wanted ? VerifyExit.Unknown : VerifyExit.Working;

    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Effective.Count()} faults took effect: {Detected} failed a check, {Named} named right first, {Effective.Count(f => f.Outcome == FaultOutcome.Unknown)} unknown, {Effective.Count(f => f.Outcome == FaultOutcome.Misnamed)} misnamed, {Effective.Count(f => f.Outcome == FaultOutcome.Missed)} missed. {Faults.Count(f => f.Outcome == FaultOutcome.Inert)} inert, {Faults.Count(f => f.Outcome == FaultOutcome.Void)} void. Controls: {Faults.Count(f => f.Outcome == FaultOutcome.Quiet)} quiet, {Faults.Count(f => f.Outcome == FaultOutcome.FalseAlarm)} false alarms; before anything was broken: {Baselines.Count} runs, {Baselines.Count(b => b.NotGreen.Count > 0)} not green; put back: {PutBack.Count()} runs, {PutBack.Count(f => f.After!.Count > 0)} not green at first. Fixes run: {Faults.Count(f => f.Fix is not null)}, of which {Faults.Count(f => f.Fix?.Works == true)} worked. {(EndedAt - StartedAt).TotalSeconds:0} s on {Stacks} {(Stacks == 1 ? "stack" : "stacks side by side")}, load {Machine.LoadBefore:0.0} to {Machine.LoadAfter:0.0} on {Machine.Cores} cores.");
}
