using System.Diagnostics;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Nodes;

[Collection(OnThreeNodes.Name)]
public sealed class LosingANode(ThreeNodes platform)
{
    // Five hundred on one small machine ask as often as it can answer without a loss.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(SuiteSize.Of(2, 20));
    private static readonly int Count = SuiteSize.Of(6, 500);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_it_is_taken_over_and_no_answer_is_lost_or_given_twice()
    {
        await using var streams = await LiveStreams.BeginAsync(platform, Count, Period, Stop);
        await BeforeItAsync(streams);
        await ReplacedAsync(node: 1, process =>
        {
            process.Kill();
            return Task.CompletedTask;
        });
        await AssertWholeAsync(streams, "kill -9 of one of three nodes");
    }

    [Fact]
    public async Task Drained_it_hands_its_threads_on_and_no_run_is_aborted()
    {
        await using var streams = await LiveStreams.BeginAsync(platform, Count, Period, Stop);
        await BeforeItAsync(streams);
        await ReplacedAsync(node: 2, TerminateAsync);
        await AssertWholeAsync(streams, "SIGTERM of one of three nodes");
    }

    [Fact]
    public async Task Restarted_one_after_the_other_no_node_takes_a_run_with_it()
    {
        await using var streams = await LiveStreams.BeginAsync(platform, Count, Period, Stop);
        await BeforeItAsync(streams);
        for (var node = 0; node < 3; node++)
        {
            await ReplacedAsync(node, TerminateAsync);
            await streams.AnswerOnAsync(1, Stop);
        }

        await AssertWholeAsync(streams, "rolling restart of three nodes");
    }

    /// <summary>Ends a node and waits until the launcher has started it anew.</summary>
    private async Task ReplacedAsync(int node, Func<Process, Task> end)
    {
        var before = platform.Nodes[node];
        using (var process = Process.GetProcessById(before.Pid)) await end(process);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await platform.State.WaitForRecordAsync(node == 0 ? "backend" : $"backend.{node + 1}", record => record.Instance != before.Instance, limit.Token);
    }

    /// <summary>An answer to each, with all nodes up: what they wait for then is the load's doing, and no part of what a loss costs.</summary>
    private static async Task BeforeItAsync(LiveStreams streams)
    {
        streams.MeasureAnew();
        await streams.AnswerOnAsync(1, Stop);
        Say("three nodes up", streams);
        streams.MeasureAnew();
    }

    private static async Task AssertWholeAsync(LiveStreams streams, string what)
    {
        await streams.AnswerOnAsync(2, Stop);
        await streams.EndAsync();
        Say(what, streams);
        foreach (var stream in streams.Streams) stream.AssertWhole();
    }

    private static void Say(string what, LiveStreams streams)
    {
        var waits = streams.Streams.Select(stream => stream.LongestWait.TotalSeconds).ToArray();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{what}: {streams.Streams.Count} streams, {streams.Streams.Sum(s => s.Answered)} answers, {streams.Streams.Sum(s => s.Events)} events so far; "
            + $"longest wait of a stream within a run: p50 {Statistics.Percentile(waits, 50):0.00} s, p99 {Statistics.Percentile(waits, 99):0.00} s, max {waits.Max():0.00} s");
    }

    private static async Task TerminateAsync(Process process) => await Machine.RunAsync("kill", ["-TERM", $"{process.Id}"], Stop);
}
