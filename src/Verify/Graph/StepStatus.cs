namespace Throughline.Verify;

public enum StepState
{
    /// <summary>Every assertion that covers it ran and held.</summary>
    Working,

    /// <summary>An assertion that covers it failed.</summary>
    Broken,

    /// <summary>A step that it needs is broken.</summary>
    Blocked,

    /// <summary>Something that covers it did not run.</summary>
    Unknown,

    /// <summary>Nothing that covers it was asked for.</summary>
    Excluded,
}

/// <param name="By">For a blocked step the broken one; for a broken or unknown step its assertions.</param>
/// <param name="ElapsedMs">How long the assertion took that opens it, milliseconds.</param>
public sealed record StepStatus(string Id, string Name, StepState State, IReadOnlyList<string> By, double? ElapsedMs = null);

/// <summary>Judges the steps of the path from what came of the assertions that cover them.</summary>
public static class StepStatuses
{
    public static IReadOnlyList<StepStatus> Of(ProofGraph graph, IReadOnlyList<Finding> findings)
    {
        var byId = graph.Steps.ToDictionary(s => s.Id);
        var states = new Dictionary<string, StepStatus>();
        foreach (var id in TopologicalOrder.Of([.. graph.Steps.Select(s => (s.Id, s.Needs))]))
            states[id] = Judge(byId[id], [.. findings.Where(f => byId[id].IsCoveredBy(f.Id))], states);
        return [.. graph.Steps.Select(s => states[s.Id])];
    }

    private static StepStatus Judge(PathStep step, List<Finding> covering, Dictionary<string, StepStatus> before)
    {
        // What fails by itself is broken, also behind something broken: a second cause shall not hide behind the first.
        var failed = Ids(covering, Verdict.Failed);
        if (failed.Count > 0) return new(step.Id, step.Name, StepState.Broken, failed);
        var blocker = step.Needs.Select(need => before[need]).FirstOrDefault(s => s.State is StepState.Broken or StepState.Blocked);
        if (blocker is not null) return new(step.Id, step.Name, StepState.Blocked, blocker.State == StepState.Broken ? [blocker.Id] : blocker.By);
        var blocked = covering.Where(f => f.Verdict == Verdict.Blocked).ToList();
        if (blocked.Count > 0) return new(step.Id, step.Name, StepState.Blocked, [.. blocked.Select(f => f.BlockedBy ?? f.Id).Distinct()]);
        var open = Ids(covering, Verdict.Unknown, Verdict.Crashed);
        if (open.Count > 0) return new(step.Id, step.Name, StepState.Unknown, open);
        return covering.Any(f => f.Verdict == Verdict.Passed)
            ? new(step.Id, step.Name, StepState.Working, [])
            : new(step.Id, step.Name, StepState.Excluded, []);
    }

    private static List<string> Ids(IEnumerable<Finding> findings, params ReadOnlySpan<Verdict> verdicts)
    {
        var wanted = verdicts.ToArray();
        return [.. findings.Where(f => wanted.Contains(f.Verdict)).Select(f => f.Id)];
    }
}
