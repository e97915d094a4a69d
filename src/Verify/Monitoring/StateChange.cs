using Throughline.Contracts.Proof;

namespace Throughline.Verify.Monitoring;

/// <summary>What is told of a change, in few words: the report has all.</summary>
internal static class StateChange
{
    private const int MostCauses = 5;

    public static ProofChange Of(VerifyResult result, ProofState? before, ProofState after, string? link) => new(
        1, after, result.EndedAt, result.Id, result.Target, new ChangedMoney(result.Money.Currency, result.Money.AtRisk, result.Money.Total),
        [.. result.Causes.Take(MostCauses).Select(c => new ChangedCause(c.Component, c.Fault, c.Sentence, c.Fix.Text, c.Fix.Command))],
        before, result.CanChat, FirstFailureOf(result), link);

    public static ChangedFailure? FirstFailureOf(VerifyResult result) =>
        result.Findings.Where(f => f.Verdict == Verdict.Failed).MinBy(f => f.EndedAt) is { } first ? new ChangedFailure(first.Statement, first.Id, first.Reason)
        : result.StartFailure is { } failure ? new ChangedFailure(failure)
        : null;
}
