using System.Text.RegularExpressions;

namespace Throughline.Backend.Tests.Agents;

public sealed partial class AskingAboutTheAzureTrace
{
    [Theory]
    [InlineData("All requests in this file ran on gpt-4o. What did they cost in total at list price, and what would gpt-4o-mini have cost?", "47.608895, 2.8565337")]
    [InlineData("Price this trace at gpt-4o: what is the total cost?", "47.608895")]
    public async Task The_answer_is_exact_and_every_figure_has_a_source(string question, string figures)
    {
        var stop = TestContext.Current.CancellationToken;
        using var rows = Rows.AzureTrace();
        Assert.SkipWhen(rows is null, "The Azure trace is not on this machine.");
        var run = new RecordedRun(question, rows.File);

        var answer = await Pipeline.RunAsync(run, stop);

        var money = answer.Result.Figures!.Where(figure => figure.Unit == "usd").Select(figure => figure.Value);
        Assert.Equal(figures.Split(", "), money.Where(value => figures.Contains(value, StringComparison.Ordinal)));
        Assert.Equal("completed", answer.Result.Status);
        Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, gate.Detail));
        Assert.Contains("$47.61", run.Text, StringComparison.Ordinal);
        Assert.All(Link().Matches(run.Text), link => Assert.Equal(run.Facts[Guid.Parse(link.Groups[2].Value)].Text, link.Groups[1].Value));
        TestContext.Current.TestOutputHelper?.WriteLine(run.Text);
    }

    [GeneratedRegex(@"\[([^\]]+)\]\(#f-([^)]+)\)")]
    private static partial Regex Link();
}
