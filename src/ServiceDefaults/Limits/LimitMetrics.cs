using System.Diagnostics.Metrics;

namespace Throughline.ServiceDefaults;

/// <summary>What the limits report.</summary>
public sealed class LimitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _charges = meters.Create("Throughline.Limits").CreateCounter<long>(
        "limits.charges", "{charge}", "Charges by their first policy, allowed and refused; alone: while the store was away, by this node's own count.");

    internal void Charged(LimitPolicy policy, LimitVerdict verdict) =>
        _charges.Add(1, new("policy", policy.Name), new("outcome", verdict.IsAllowed ? "allowed" : "refused"), new("alone", verdict.IsAlone));
}
