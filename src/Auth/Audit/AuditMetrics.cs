using System.Diagnostics.Metrics;

namespace Throughline.Auth.Audit;

/// <summary>How often what stands in the audit log happens: sign-ins, failures, changes to accounts.</summary>
internal sealed class AuditMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _events = meters.Create("Throughline.Auth").CreateCounter<long>("auth.events", "{event}", "Security events, as the audit log names them.");

    public void Written(AuditEntry entry) => _events.Add(1, new("event", entry.Event), new("outcome", entry.Outcome));
}
