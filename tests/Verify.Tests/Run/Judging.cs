using System.Net.WebSockets;

namespace Throughline.Verify.Tests.Run;

public sealed class Judging
{
    private static readonly Assertion It = new("jwt.it", "It holds", 100) { Deadline = TimeSpan.FromMilliseconds(200) };

    private static readonly Assertion Unmeasured = new("jwt.unmeasured", "It holds");

    [Fact]
    public async Task What_shows_something_and_throws_nothing_holds() => Assert.Equal(Verdict.Passed, (await RunAsync((probe, _) =>
    {
        probe.Equal("one", 1, 1);
        return Task.CompletedTask;
    })).Verdict);

    [Fact]
    public async Task What_shows_nothing_is_a_bug_of_the_check() => Assert.Equal(Verdict.Crashed, (await RunAsync((_, _) => Task.CompletedTask, Unmeasured)).Verdict);

    [Fact]
    public async Task A_time_out_is_a_failure()
    {
        var finding = await RunAsync((_, stop) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.StartsWith("not within", finding.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(WebSocketException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TimeoutException))]
    public async Task An_exception_of_the_line_is_a_failure(Type type) =>
        Assert.Equal(Verdict.Failed, (await RunAsync((_, _) => throw (Exception)Activator.CreateInstance(type)!)).Verdict);

    [Fact]
    public async Task Any_other_exception_is_a_bug_of_the_check() =>
        Assert.Equal(Verdict.Crashed, (await RunAsync((_, _) => throw new InvalidOperationException("oops"))).Verdict);

    [Fact]
    public async Task A_value_over_its_limit_is_a_failure_with_its_margin()
    {
        var finding = await RunAsync((probe, _) =>
        {
            probe.Measure(150, 100, "ms");
            return Task.CompletedTask;
        });
        Assert.Equal((Verdict.Failed, -0.5), (finding.Verdict, finding.Measurement!.Margin));
    }

    [Fact]
    public async Task The_value_of_many_samples_is_their_95th_percentile()
    {
        var finding = await RunAsync((probe, _) =>
        {
            probe.MeasureP95([.. Enumerable.Range(1, 100).Select(i => (double)i)]);
            return Task.CompletedTask;
        });
        Assert.Equal((95.0, 100), (finding.Measurement!.Value, finding.Measurement.Samples));
    }

    [Theory]
    [InlineData(new[] { Verdict.Passed, Verdict.Excluded }, VerifyExit.Working)]
    [InlineData(new[] { Verdict.Passed, Verdict.Failed, Verdict.Unknown }, VerifyExit.Broken)]
    [InlineData(new[] { Verdict.Passed, Verdict.Blocked }, VerifyExit.Broken)]
    [InlineData(new[] { Verdict.Failed, Verdict.Crashed }, VerifyExit.Crashed)]
    [InlineData(new[] { Verdict.Passed, Verdict.Unknown }, VerifyExit.Unknown)]
    [InlineData(new[] { Verdict.Excluded }, VerifyExit.Unknown)]
    public void The_exit_code_tells_the_worst(Verdict[] verdicts, int code) =>
        Assert.Equal(code, VerifyExit.Of([.. verdicts.Select((v, i) => new Finding($"jwt.{i}", "jwt", "It", v, null, null, null, [], null, null))]));

    private static async Task<Finding> RunAsync(Func<Probe, CancellationToken, Task> body, Assertion? assertion = null)
    {
        Finding? found = null;
        var options = new VerifyOptions(new LauncherProgram("none", []));
        await using var system = new SystemUnderTest(options, "/nowhere", null, isOwn: true, null);
        await using var workshop = new Workshop(options);
        var run = new CheckRun(new OnePart(), system, workshop, options, f => found = f);
        await run.ShowAsync(assertion ?? It, body, TestContext.Current.CancellationToken);
        return found!;
    }

    private sealed class OnePart : CheckPart
    {
        public override IReadOnlyList<Assertion> Assertions => [It, Unmeasured];

        public override Task RunAsync(CheckRun run, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
