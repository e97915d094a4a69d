using System.Text.Json.Serialization;

namespace Throughline.Contracts.Proof;

/// <summary>How a run of verify, a check or a step of the path stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProofState>))]
public enum ProofState
{
    Working,
    Broken,

    /// <summary>What it needs is broken.</summary>
    Blocked,

    /// <summary>Something that it takes did not run.</summary>
    Unknown,

    /// <summary>Nobody asked for it, or the target does not allow it.</summary>
    Excluded,
}

/// <summary>A JSON report of verify, as much of it as the Proof page shows. The whole is described by verify's <c>report.schema.json</c>.</summary>
/// <param name="LastSeenToFail">When each check last failed, and for which fault; a check that is not here is unproven.</param>
public sealed record ProofDocument(int Version, ProofReport Result, IReadOnlyList<SeenToFail> LastSeenToFail);

/// <param name="CanChat">Absent where that is not known.</param>
/// <param name="ExitCode">0 works, 1 broken, 3 a check itself failed, 4 the stack did not start, 5 unknown.</param>
public sealed record ProofReport(
    Guid Id, string Version, string Target, DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool? CanChat, int ExitCode,
    IReadOnlyList<ProofCheck> Checks, IReadOnlyList<ProofStep> Steps, IReadOnlyList<ProofCause> Causes, ProofMoney Money,
    IReadOnlyList<ProofFinding> Findings, string? StartFailure = null)
{
    [JsonIgnore]
    public ProofState State => StateOf(ExitCode);

    [JsonIgnore]
    public TimeSpan Elapsed => EndedAt - StartedAt;

    /// <summary>The first assertion that failed, by time.</summary>
    [JsonIgnore]
    public ProofFinding? FirstFailure => Findings.Where(f => f.Verdict == ProofFinding.Failed).MinBy(f => f.EndedAt);

    public static ProofState StateOf(int exitCode) => exitCode switch
    {
        0 => ProofState.Working,
        1 or 4 => ProofState.Broken,
        _ => ProofState.Unknown,
    };
}

/// <param name="FirstFailure">The first of its assertions that failed.</param>
public sealed record ProofCheck(
    int Number, string Id, string Name, ProofState State, int Passed, int Failed, int Blocked, int Unknown, int Excluded, int Crashed, double ElapsedMs, string? FirstFailure = null);

/// <param name="By">For a blocked step the broken one, for a broken or unknown one its assertions.</param>
/// <param name="ElapsedMs">How long what opens it took.</param>
public sealed record ProofStep(string Id, string Name, ProofState State, IReadOnlyList<string> By, double? ElapsedMs = null);

/// <param name="Fault">A stable code; <c>unknown</c> where the evidence does not decide.</param>
/// <param name="Explains">Assertions that fail because of it.</param>
public sealed record ProofCause(
    string Id, string Component, string Fault, string Sentence, IReadOnlyList<ProofArrow> Chain, ProofFix Fix, IReadOnlyList<string> Explains, IReadOnlyList<ProofCandidate> Candidates);

/// <param name="Seen">The piece of evidence that shows it, in a line.</param>
public sealed record ProofArrow(string From, string To, string Probe, string? Seen = null);

public sealed record ProofFix(string Text, string? Command = null);

public sealed record ProofCandidate(string Component, string Fault, string Sentence);

/// <summary>Monthly revenue by what the path allows. Protected, at risk and unverified add up to the total.</summary>
public sealed record ProofMoney(
    string Currency, string Owner, DateOnly Reviewed, bool IsStale, decimal Total, decimal Protected, decimal AtRisk, decimal Unverified,
    IReadOnlyList<ProofRevenue> Streams, IReadOnlyList<ProofShare> Causes);

/// <param name="State"><c>Protected</c>, <c>AtRisk</c> or <c>Unverified</c>.</param>
/// <param name="Needs">Steps of the path that it needs.</param>
public sealed record ProofRevenue(string Id, string Name, decimal Monthly, string State, string? Owner = null, IReadOnlyList<string>? Needs = null);

/// <param name="Exclusive">Returns if this cause alone is mended.</param>
/// <param name="Shared">Returns if this and others are mended.</param>
public sealed record ProofShare(string Cause, decimal Exclusive, decimal Shared);

/// <param name="Verdict"><c>Passed</c>, <c>Failed</c>, <c>Blocked</c>, <c>Unknown</c>, <c>Excluded</c> or <c>Crashed</c>.</param>
public sealed record ProofFinding(
    string Id, string Check, string Statement, string Verdict, string? Reason = null, ProofMeasurement? Measurement = null, DateTimeOffset? EndedAt = null)
{
    public const string Passed = "Passed";
    public const string Failed = "Failed";
}

/// <param name="Unit"><c>ms</c> or a plural such as <c>messages</c>.</param>
public sealed record ProofMeasurement(double Value, double Limit, string Unit);

/// <param name="Fault">The fault that was injected; absent where it failed by itself.</param>
public sealed record SeenToFail(string Check, DateTimeOffset At, string Assertion, string? Fault = null);
