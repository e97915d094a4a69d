namespace Throughline.Verify.Faults;

/// <summary>What has come of a run so far. Its stacks tell it side by side.</summary>
internal sealed class ProveTally(IReadOnlyList<Fault> wanted)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FaultResult> _results = [];
    private readonly List<BaselineResult> _baselines = [];
    private readonly HashSet<string> _notJudged = [];

    /// <summary>In the order in which the faults were wanted.</summary>
    public IReadOnlyList<FaultResult> Results
    {
        get
        {
            lock (_gate) return [.. wanted.Select(f => _results.GetValueOrDefault(f.Name)).OfType<FaultResult>()];
        }
    }

    public IReadOnlyList<BaselineResult> Baselines
    {
        get
        {
            lock (_gate) return [.. _baselines];
        }
    }

    /// <summary>Assertions that failed twice before anything was broken: nothing is said of them.</summary>
    public IReadOnlyList<string> NotJudged
    {
        get
        {
            lock (_gate) return [.. _notJudged.Order()];
        }
    }

    public void Add(FaultResult result)
    {
        lock (_gate) _results.Add(result.Name, result);
    }

    public void AddBaseline(IReadOnlyList<string> notGreen, VerifyResult verdict)
    {
        lock (_gate) _baselines.Add(new BaselineResult($"baseline-{_baselines.Count + 1}", notGreen, verdict));
    }

    public void Distrust(IEnumerable<string> assertions)
    {
        lock (_gate) _notJudged.UnionWith(assertions);
    }

    /// <summary>The checks that the faults need that were not tried yet, of those for one kind of stack.</summary>
    public IReadOnlyList<int> ChecksLeft(bool hasSharedSecret)
    {
        lock (_gate) return [.. wanted.Where(f => f.NeedsSharedSecret == hasSharedSecret && !_results.ContainsKey(f.Name)).SelectMany(f => f.Checks).Distinct().Order()];
    }
}
