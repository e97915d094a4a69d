using System.Collections.Frozen;
using Throughline.Verify.Rules;

namespace Throughline.Verify;

/// <summary>
/// Names causes by rules over evidence. The deeper a rule looks the earlier it comes: a process that is gone explains what a socket's
/// code would be blamed for. What no rule explains is put together as it looks, and called unknown.
/// </summary>
public sealed class RuleDiagnosis : IDiagnosis
{
    private static readonly IRule[] Rules =
    [
        new StartRules(), new ProcessRules(), new MachineRules(), new NameRules(), new RecordRules(), new FrontRules(), new PeerRules(), new SigningRules(), new DatabaseRules(), new StoreRules(), new OriginRules(), new CompositionRules(), new LogRules(),
        // From here on only the symptom speaks, of failures that nothing above explains.
        new PassageRules(), new FollowRules(), new HeaderRules(), new StrangerRules(), new LoadRules(), new SyncRules(), new PromiseRules(), new LimitRules(), new SocketRules(), new BreakerRules(), new AgentRules(), new NewcomerRules(), new FeatureRules(), new TimingRules(),
    ];

    /// <summary>Faults that make what is right late, and nothing wrong.</summary>
    private static readonly FrozenSet<string> Slowness = ((string[])[FaultCodes.Starved, FaultCodes.StoreSlow, FaultCodes.SyncSlow, FaultCodes.Overloaded, FaultCodes.Slow, FaultCodes.Busy]).ToFrozenSet();

    private readonly Grouping _rest = new();

    public IReadOnlyList<Cause> Explain(ProofGraph graph, IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(findings);
        var @case = new Case(graph, findings);
        var causes = new List<Cause>();
        foreach (var rule in Rules)
            foreach (var found in rule.Find(@case).ToList())
            {
                var cause = Slowness.Contains(found.Fault) ? found with { Explains = [.. found.Explains.Except(@case.Where(PromiseRules.IsNoMatterOfTime))] } : found;
                if (cause.Explains.Count == 0) continue;
                @case.Claim(cause);
                Add(causes, cause);
            }

        // Behind something deep a symptom needs no cause of its own.
        return [.. causes.OrderByDescending(c => c.Explains.Count), .. _rest.Explain(graph, [.. @case.Unclaimed])];
    }

    /// <summary>The same fault, found in two ways, is one.</summary>
    private static void Add(List<Cause> causes, Cause cause)
    {
        var at = causes.FindIndex(c => c.Component == cause.Component && c.Fault == cause.Fault);
        if (at < 0) causes.Add(cause);
        else causes[at] = causes[at] with { Explains = [.. causes[at].Explains.Union(cause.Explains)], Chain = [.. causes[at].Chain, .. cause.Chain] };
    }
}
