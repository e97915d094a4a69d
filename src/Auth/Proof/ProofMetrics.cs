using System.Diagnostics.Metrics;
using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Proof;

/// <summary>What the last kept run of verify came to. Until there is one nothing is told.</summary>
internal sealed class ProofMetrics
{
    private static readonly ProofState[] States = [ProofState.Working, ProofState.Broken, ProofState.Unknown];

    private readonly KeptReports _kept;

    public ProofMetrics(KeptReports kept, IMeterFactory meters)
    {
        _kept = kept;
        var meter = meters.Create("Throughline.Auth");
        meter.CreateObservableGauge("auth.proof.state", () => Of<int>(last => States.Select(s => new Measurement<int>(s == last.State ? 1 : 0, new KeyValuePair<string, object?>("state", Word(s))))), description: "The last run of verify: 1 for the state that it found.");
        meter.CreateObservableGauge("auth.proof.check", () => Of<int>(last => last.Checks.Where(c => c.State != ProofState.Excluded)
            .Select(c => new Measurement<int>(c.State == ProofState.Working ? 1 : 0, new KeyValuePair<string, object?>("check", c.Id)))), description: "Whether the check held: 1, or not: 0.");
        meter.CreateObservableGauge("auth.proof.duration", () => Of<double>(last => [new Measurement<double>(last.Elapsed.TotalSeconds)]), "s", "How long the last run of verify took.");
        meter.CreateObservableGauge("auth.proof.revenue.at_risk", () => Of<double>(last => [new Measurement<double>((double)last.Money.AtRisk, new KeyValuePair<string, object?>("currency", last.Money.Currency))]), description: "Monthly revenue whose path does not work.");
        meter.CreateObservableGauge("auth.proof.ended", () => Of<double>(last => [new Measurement<double>(last.EndedAt.ToUnixTimeMilliseconds() / 1000.0)]), "s", "When the last run of verify ended, seconds since 1970.");
    }

    private IEnumerable<Measurement<T>> Of<T>(Func<ProofReport, IEnumerable<Measurement<T>>> tell)
        where T : struct => _kept.Read().Select(r => r.Document).OfType<ProofDocument>().FirstOrDefault() is { } last ? tell(last.Result) : [];

    private static string Word(ProofState state) => state.ToString().ToLowerInvariant();
}
