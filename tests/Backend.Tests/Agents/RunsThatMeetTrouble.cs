using System.Text.Json;
using Throughline.Analysis.Tools;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Tests.Agents;

public sealed class RunsThatMeetTrouble
{
    [Fact]
    public async Task A_tool_that_hangs_leaves_an_honest_partial_answer()
    {
        using var rows = new Rows(Northwind.Rows());
        var run = new RecordedRun("What did we spend? Give me a forecast.", rows.File);
        IReadOnlyList<IUsageTool> tools = [.. UsageTools.All.Select(tool => tool.Name == "forecast_month_end" ? new Hanging(tool) : tool)];

        var answer = await Pipeline.RunAsync(run, TestContext.Current.CancellationToken, tools, new AnalysisOptions { ToolTimeout = TimeSpan.FromSeconds(3) });

        Assert.Equal("partial", answer.Result.Status);
        Assert.StartsWith(
            "**Partial answer.** The forecast tool did not answer within 3 s, so there is no forecast below. Every figure that is shown is complete.", run.Text, StringComparison.Ordinal);
        Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, gate.Detail));
    }

    [Fact]
    public async Task A_run_resumed_from_any_point_of_its_journal_emits_the_same_events()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rows = new Rows(Northwind.Rows());
        const string Question = "Why did spend jump in November, and what should we change?";
        var whole = new RecordedRun(Question, rows.File);
        await Pipeline.RunAsync(whole, stop);
        var expected = Lines(whole);

        for (var kept = 0; kept <= whole.Computed.Count; kept += 3)
        {
            var resumed = new RecordedRun(Question, rows.File)
            {
                Journal = new(whole.Computed.Take(kept).Select(key => KeyValuePair.Create(key, whole.Journal[key]))),
            };
            await Pipeline.RunAsync(resumed, stop);
            Assert.Equal(expected, Lines(resumed));
            Assert.Equal(whole.Computed.Skip(kept), resumed.Computed);
        }
    }

    [Fact]
    public async Task The_order_of_the_rows_does_not_change_the_answer()
    {
        var stop = TestContext.Current.CancellationToken;
        var random = new Random(3);
        var texts = new List<string>();
        foreach (var order in (Func<IEnumerable<Analysis.Tests.Tools.UsageRow>, IEnumerable<Analysis.Tests.Tools.UsageRow>>[])[rows => rows, rows => rows.OrderBy(_ => random.Next())])
        {
            using var rows = new Rows(order(Northwind.Rows()));
            var run = new RecordedRun("Why did spend jump in November, and what should we change?", rows.File);
            await Pipeline.RunAsync(run, stop);
            texts.Add(run.Text + string.Concat(run.Events.OfType<ActivitySnapshot>().Select(activity => activity.Content.GetRawText())));
        }

        Assert.Equal(texts[0], texts[1]);
    }

    [Theory]
    [InlineData("What did we spend?", "**There is no usage data in this thread yet")]
    [InlineData("Hello, remember the marker ZEBRA-7741.", "**Hello. Throughline answers questions")]
    [InlineData("What is the list price of gpt-4o?", "**gpt-4o costs [$2.50]")]
    public async Task Without_a_file_the_answer_says_what_is_needed(string question, string begins)
    {
        var run = new RecordedRun(question);

        var answer = await Pipeline.RunAsync(run, TestContext.Current.CancellationToken);

        Assert.StartsWith(begins, run.Text, StringComparison.Ordinal);
        Assert.Equal(("completed", 3), (answer.Result.Status, answer.Result.FollowUps!.Count));
        Assert.All(answer.Result.Quality!.Gates, gate => Assert.True(gate.Passed, gate.Detail));
    }

    [Fact]
    public async Task A_missing_column_is_named()
    {
        using var rows = Rows.AzureTrace();
        Assert.SkipWhen(rows is null, "The Azure trace is not on this machine.");
        var run = new RecordedRun("Who spends the most? All requests ran on gpt-4o.", rows.File);

        await Pipeline.RunAsync(run, TestContext.Current.CancellationToken);

        Assert.Contains("The file has no column for users, so cost per user can’t be worked out.", run.Text, StringComparison.Ordinal);
    }

    private static List<string> Lines(RecordedRun run) => [.. run.Events.Select(@event => JsonSerializer.Serialize(@event, WireJson.Default.AgUiEvent))];

    private sealed class Hanging(IUsageTool tool) : IUsageTool
    {
        public string Name => tool.Name;

        public string Description => tool.Description;

        public int Version => tool.Version;

        public Task<ToolOutput> RunAsync(ToolContext context, string arguments, CancellationToken cancellationToken) =>
            new TaskCompletionSource<ToolOutput>().Task; // does not even heed its cancellation
    }
}
