namespace Throughline.Verify.Tests.Run;

public sealed class OpeningGates
{
    private readonly ProofGraph _graph = GraphFile.BuiltIn();

    [Fact]
    public async Task A_step_that_fails_shuts_whatever_needs_it_and_names_itself()
    {
        var gates = new Gates(_graph);
        gates.Note(Of("startup.ready.auth", Verdict.Passed));
        gates.Note(Of("journey.signup.created", Verdict.Failed));
        Assert.Equal("signup", await gates.WaitAsync(["socket"], TestContext.Current.CancellationToken));
        Assert.Null(await gates.WaitAsync(["startup"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_not_asked_for_shuts_nothing()
    {
        var gates = new Gates(_graph);
        foreach (var step in _graph.Steps) gates.Note(Of(step.Gate[0], Verdict.Excluded));
        Assert.Null(await gates.WaitAsync([.. _graph.Steps.Select(s => s.Id)], TestContext.Current.CancellationToken));
    }

    private static Finding Of(string id, Verdict verdict) => new(id, id.Split('.')[0], "It holds", verdict, null, null, null, [], null, null);
}
