namespace Throughline.Verify;

/// <summary>What came of one assertion.</summary>
public enum Verdict
{
    /// <summary>It ran and held.</summary>
    Passed,

    /// <summary>It ran and did not hold; a time-out is this, too.</summary>
    Failed,

    /// <summary>It could not be judged, because something before it had failed.</summary>
    Blocked,

    /// <summary>It did not run, for a reason that nobody decided.</summary>
    Unknown,

    /// <summary>It did not run, because the operator or the target does not allow it: printed, not counted.</summary>
    Excluded,

    /// <summary>The check itself failed: a bug of ours.</summary>
    Crashed,
}

/// <summary>A measured value against its limit.</summary>
/// <param name="Value">The 95th percentile where there are several samples, else the one value.</param>
/// <param name="Unit"><c>ms</c> or a plural such as <c>messages</c>.</param>
/// <param name="Samples">How many values it is taken from.</param>
public sealed record Measurement(double Value, double Limit, string Unit, int Samples = 1)
{
    /// <summary>What is left of the limit, as a share of it; negative where it is passed.</summary>
    public double Margin => Limit > 0 ? Math.Round((Limit - Value) / Limit, 4) : 0;
}

/// <summary>One assertion and everything that was seen of it.</summary>
/// <param name="Id">Stable, e.g. <c>jwt.reject.expired</c>.</param>
/// <param name="Check">The check's id.</param>
/// <param name="Statement">What it says of the system, one sentence.</param>
/// <param name="Reason">Why it did not pass, one sentence.</param>
/// <param name="BlockedBy">Where it is blocked: the assertion or step that failed before it.</param>
/// <param name="Attempts">Over how many repetitions this is the worst (<c>--repeat</c>), and how many of them failed.</param>
public sealed record Finding(
    string Id, string Check, string Statement, Verdict Verdict, string? Reason, string? BlockedBy, Measurement? Measurement,
    IReadOnlyList<EvidenceItem> Evidence, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, Attempts? Attempts = null)
{
    /// <summary>Where it failed: ids of its requests, frames and runs, under which services may have logged why.</summary>
    public IReadOnlyList<string>? LoggedAs { get; init; }

    public double? ElapsedMs => StartedAt is { } start && EndedAt is { } end ? Math.Round((end - start).TotalMilliseconds, 1) : null;
}

/// <summary>How often an assertion ran and how often it did not hold.</summary>
public sealed record Attempts(int Runs, int Failures);
