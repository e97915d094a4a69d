using CsCheck;

namespace Throughline.Verify.Tests.Graph;

public sealed class StatesOnAnyPath
{
    [Fact]
    public void A_step_is_broken_exactly_where_something_that_covers_it_failed() => RandomPath.Any.Sample(path =>
        Assert.All(path.Steps.Zip(path.Graph.Steps), pair =>
            Assert.Equal(path.Findings.Any(f => f.Verdict == Verdict.Failed && pair.Second.IsCoveredBy(f.Id)), pair.First.State == StepState.Broken)));

    [Fact]
    public void A_blocked_step_names_a_broken_step_that_it_needs() => RandomPath.Any.Sample(path =>
        Assert.All(path.Steps.Where(s => s.State == StepState.Blocked), blocked =>
        {
            var by = Assert.Single(blocked.By);
            Assert.Equal(StepState.Broken, path.Steps.Single(s => s.Id == by).State);
            Assert.Contains(by, Before(path.Graph, blocked.Id));
        }));

    [Fact]
    public void What_needs_something_broken_never_counts_as_working() => RandomPath.Any.Sample(path =>
    {
        var broken = path.Steps.Where(s => s.State == StepState.Broken).Select(s => s.Id).ToHashSet();
        Assert.All(path.Steps.Where(s => s.State == StepState.Working), working => Assert.Empty(Before(path.Graph, working.Id).Intersect(broken)));
    });

    [Fact]
    public void Whatever_is_ordered_comes_after_what_it_needs() => RandomPath.Any.Sample(path =>
    {
        var services = path.Graph.Steps.Select(s => new StackService(s.Id, s.Needs)).Reverse().ToList();
        var order = (path.Graph with { Services = services }).StartOrder;
        Assert.All(services, s => Assert.All(s.Needs, need => Assert.True(order.ToList().IndexOf(need) < order.ToList().IndexOf(s.Id))));
    });

    [Fact]
    public void What_needs_itself_is_refused()
    {
        var graph = GraphFile.BuiltIn() with { Services = [new("auth", ["backend"]), new("backend", ["auth"])] };
        Assert.Contains("needs itself", Assert.Throws<GraphException>(() => graph.StartOrder).Message, StringComparison.Ordinal);
    }

    private static HashSet<string> Before(ProofGraph graph, string step)
    {
        var all = new HashSet<string>();
        var open = new Stack<string>(graph.Steps.Single(s => s.Id == step).Needs);
        while (open.TryPop(out var next))
            if (all.Add(next))
                foreach (var need in graph.Steps.Single(s => s.Id == next).Needs) open.Push(need);
        return all;
    }
}
