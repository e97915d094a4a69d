using System.Globalization;
using CsCheck;

namespace Throughline.Verify.Tests.Graph;

/// <summary>A path of any shape, money that needs parts of it, and something said of each step.</summary>
internal sealed record RandomPath(ProofGraph Graph, IReadOnlyList<Finding> Findings, IReadOnlyList<Cause> Causes)
{
    private static readonly Verdict[] Verdicts = [Verdict.Passed, Verdict.Passed, Verdict.Passed, Verdict.Failed, Verdict.Unknown, Verdict.Excluded];
    private static readonly DateTimeOffset At = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static DateOnly Today { get; } = new(2026, 11, 24);

    public static Gen<RandomPath> Any { get; } =
        from count in Gen.Int[1, 9]
        from needs in Gen.Int[0, (1 << 9) - 1].Array[count]
        from verdicts in Gen.Int[0, Verdicts.Length - 1].Select(i => Verdicts[i]).Array[count * 2]
        from money in Gen.Int[0, 100_000_000].Array[0, 6]
        from streams in Gen.Int[0, (1 << 9) - 1].Array[6]
        from causes in Gen.Int[0, 3].Array[count * 2]
        select Make(count, needs, verdicts, money, streams, causes);

    public IReadOnlyList<StepStatus> Steps => StepStatuses.Of(Graph, Findings);

    public Exposure Money => Exposure.Of(Graph, Steps, Causes, Today);

    /// <summary>The same, with these assertions failed, too.</summary>
    public RandomPath Breaking(Func<Finding, bool> which) => With([.. Findings.Select(f => which(f) ? f with { Verdict = Verdict.Failed } : f)]);

    /// <summary>The same, with what one cause explains mended.</summary>
    public RandomPath Mending(Cause cause) => With([.. Findings.Select(f => cause.Explains.Contains(f.Id) ? f with { Verdict = Verdict.Passed } : f)]);

    private RandomPath With(IReadOnlyList<Finding> findings) => this with { Findings = findings, Causes = [.. Causes.Select(c => c with { Explains = [.. c.Explains.Where(id => findings.Any(f => f.Id == id && f.Verdict == Verdict.Failed))] })] };

    private static RandomPath Make(int count, int[] needs, Verdict[] verdicts, int[] money, int[] streams, int[] causes)
    {
        IReadOnlyList<string> Among(int bits, int below) => [.. Enumerable.Range(0, below).Where(i => (bits >> i & 1) == 1).Select(i => $"s{i}")];
        var steps = Enumerable.Range(0, count).Select(i => new PathStep($"s{i}", $"Step {i}", Among(needs[i], i), [$"c{i}.*"], [$"c{i}.a"], [])).ToList();
        var lines = money.Select((cents, i) => new RevenueLine($"r{i}", $"Stream {i}", (cents / 100m).ToString(CultureInfo.InvariantCulture), Among(streams[i], count), "Finance")).ToList();
        var findings = verdicts.Select((verdict, i) => new Finding($"c{i / 2}.{(i % 2 == 0 ? "a" : "b")}", $"c{i / 2}", "It holds", verdict, null, null, null, [], At, At)).ToList();
        // Every failure has a cause; one cause may explain several.
        var named = findings.Select((f, i) => (f, cause: causes[i])).Where(x => x.f.Verdict == Verdict.Failed).GroupBy(x => x.cause)
            .Select(g => new Cause($"part{g.Key}", "fault", "It is broken.", [], new Fix("Mend it."), [.. g.Select(x => x.f.Id)], [])).ToList();
        return new RandomPath(new ProofGraph(1, steps, [], [], new RevenueFile("USD", "Finance", Today, lines)), findings, named);
    }
}
