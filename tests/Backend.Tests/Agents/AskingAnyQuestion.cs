namespace Throughline.Backend.Tests.Agents;

public sealed class AskingAnyQuestion
{
    [Theory]
    [InlineData("Why did spend jump in November, and what should we change?", "monitoring and reporting", "triage data optimisation actions report quality_gate")]
    [InlineData("What did we spend, and on what?", "monitoring and reporting", "triage data optimisation actions report quality_gate")]
    [InlineData("What did we spend in total?", "cost", "triage data report quality_gate")]
    [InlineData("What should we change first?", "cost", "triage data optimisation actions report quality_gate")]
    [InlineData("Spend by user, please", "cost", "triage data report quality_gate")]
    [InlineData("What does each feature cost?", "cost", "triage data report quality_gate")]
    [InlineData("Which team spends the most?", "cost", "triage data report quality_gate")]
    [InlineData("What would support-bot have cost on gpt-4o-mini?", "model selection", "triage data optimisation report quality_gate")]
    [InlineData("Which cheaper model should we use?", "model selection", "triage data optimisation actions report quality_gate")]
    [InlineData("How slow are the slowest requests?", "performance", "triage data report quality_gate")]
    [InlineData("Which requests are over 2,000 tokens?", "workload analysis", "triage data report quality_gate")]
    [InlineData("Which 5 requests are the costliest requests?", "workload analysis", "triage data report quality_gate")]
    [InlineData("How many tokens does a request use?", "workload analysis", "triage data report quality_gate")]
    [InlineData("How many requests failed?", "quality", "triage data report quality_gate")]
    [InlineData("Which requests have no price?", "quality", "triage data report quality_gate")]
    [InlineData("What would caching save on support-bot?", "configuration", "triage data optimisation actions report quality_gate")]
    [InlineData("Could we batch the nightly summaries?", "configuration", "triage data optimisation report quality_gate")]
    [InlineData("Are there duplicate prompts?", "workload analysis", "triage data optimisation report quality_gate")]
    [InlineData("Where will we end the month? Give me a forecast.", "monitoring and reporting", "triage data report quality_gate")]
    [InlineData("What is the list price of gpt-4.1?", "supply catalogue", "triage data report quality_gate")]
    [InlineData("What did we spend from 3 to 7 November?", "cost", "triage data report quality_gate")]
    [InlineData("What did we spend from 3 to 9 November and from 10 to 16 November?", "cost", "triage data report quality_gate")]
    [InlineData("Write this up for finance", "monitoring and reporting", "triage data optimisation actions report quality_gate")]
    [InlineData("Hello, remember the marker ZEBRA-7741.", "general", "triage report quality_gate")]
    [InlineData("What is the weather in Oslo?", "general", "triage report quality_gate")]
    public async Task The_right_agents_work_and_the_answer_passes_its_gates(string question, string category, string stages)
    {
        using var rows = new Rows(Northwind.Rows());
        var run = new RecordedRun(question, rows.File);

        var answer = await Pipeline.RunAsync(run, TestContext.Current.CancellationToken);

        var text = run.Text;
        foreach (var table in run.Events.OfType<Contracts.Agents.ActivitySnapshot>()) text += "\n" + table.ActivityType + " " + table.Content;
        TestContext.Current.TestOutputHelper?.WriteLine($"{answer.Result.Category} | {string.Join(' ', run.Stages)} | {string.Join(' ', run.Tools)}\n{text}");
        Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, $"{gate.Name}: {gate.Detail}"));
        Assert.Equal((category, stages, "completed"), (answer.Result.Category, string.Join(' ', run.Stages), answer.Result.Status));
    }
}
