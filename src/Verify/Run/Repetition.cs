namespace Throughline.Verify;

/// <summary>Several runs as one: an assertion that failed once has failed, and it is told how often.</summary>
public static class Repetition
{
    public static VerifyResult Merge(ProofGraph graph, IDiagnosis diagnosis, IReadOnlyList<VerifyResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(diagnosis);
        if (results is [var only]) return only;
        var last = results[^1];
        var findings = results.SelectMany(r => r.Findings).GroupBy(f => f.Id)
            .Select(group => group.MaxBy(f => Rank(f.Verdict))! with { Attempts = new Attempts(group.Count(f => f.StartedAt is not null), group.Count(f => f.Verdict == Verdict.Failed)) })
            .ToList();
        return Verification.Judge(
            last with { StartedAt = results[0].StartedAt, Findings = findings, Looks = results.Select(r => r.Looks).LastOrDefault(l => l is { Count: > 0 }), StartFailure = results.Select(r => r.StartFailure).FirstOrDefault(f => f is not null) }, graph, diagnosis);
    }

    private static int Rank(Verdict verdict) => verdict switch
    {
        Verdict.Excluded => 0,
        Verdict.Passed => 1,
        Verdict.Unknown => 2,
        Verdict.Blocked => 3,
        Verdict.Failed => 4,
        Verdict.Crashed => 5,
    };
}
