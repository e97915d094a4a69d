namespace Throughline.Contracts.Proof;

/// <summary><c>GET /auth/admin/proof</c>: the last run whole, and the kept ones in a line each.</summary>
/// <param name="Last">Absent where nothing was verified yet.</param>
/// <param name="Runs">At most 30, the newest first.</param>
/// <param name="Damaged">File names of kept reports that cannot be read.</param>
public sealed record ProofOverview(ProofDocument? Last, IReadOnlyList<ProofRun> Runs, IReadOnlyList<string> Damaged, ProofProgress Progress);

/// <summary>One kept run in a line.</summary>
/// <param name="FirstFailure">The first assertion that failed.</param>
public sealed record ProofRun(Guid Id, DateTimeOffset StartedAt, double ElapsedMs, ProofState State, int ExitCode, decimal AtRisk, string? FirstFailure = null);

/// <summary>What the run that goes on has come to, or how the last one from here ended.</summary>
/// <param name="Seq">Rises with each change; <c>?after=</c> waits for a later one.</param>
/// <param name="Phase">What begins, in words.</param>
/// <param name="Assertion">The last that was judged.</param>
/// <param name="Failure">Why the last run left no report, in a sentence.</param>
public sealed record ProofProgress(
    long Seq, bool IsRunning, DateTimeOffset? StartedAt, IReadOnlyList<ProofCheckProgress> Checks, string? Phase = null, string? Assertion = null, string? Failure = null);

/// <param name="Check">The check's id.</param>
/// <param name="Judged">Assertions that are done.</param>
public sealed record ProofCheckProgress(string Check, int Judged, int Failed);

/// <summary>A line of <c>throughline verify --progress json</c>: a phase that begins, or an assertion that was judged.</summary>
public sealed record ProofLine(string? Phase = null, string? Check = null, string? Assertion = null, string? Verdict = null);

/// <summary>What <c>verify --every</c> posts to its webhook when the state changes.</summary>
/// <param name="Version">1.</param>
/// <param name="Before">Absent for the first run that is told.</param>
/// <param name="Causes">At most five, the one that explains most first.</param>
/// <param name="Link">The Proof page, where its address is known.</param>
public sealed record ProofChange(
    int Version, ProofState After, DateTimeOffset At, Guid Run, string Target, ChangedMoney Money, IReadOnlyList<ChangedCause> Causes,
    ProofState? Before = null, bool? CanChat = null, ChangedFailure? FirstFailure = null, string? Link = null);

public sealed record ChangedMoney(string Currency, decimal AtRisk, decimal Total);

public sealed record ChangedCause(string Component, string Fault, string Sentence, string Fix, string? Command = null);

public sealed record ChangedFailure(string Statement, string? Assertion = null, string? Reason = null);
