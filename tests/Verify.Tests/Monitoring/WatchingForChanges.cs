using Microsoft.Extensions.Time.Testing;
using Throughline.Contracts.Proof;
using Throughline.ServiceDefaults;
using Throughline.Verify.Monitoring;
using Throughline.Verify.Reports;
using Throughline.Verify.Tests.Reports;
using Monitor = Throughline.Verify.Monitoring.Monitor;

namespace Throughline.Verify.Tests.Monitoring;

public sealed class WatchingForChanges : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _console = new();

    private KeptReports Kept => new(Path.Combine(_folder.FullName, "runs"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_webhook_hears_of_changes_and_of_nothing_else()
    {
        await using var hook = new Listener();
        await WatchAsync(hook, [0, 0, 1, 1, 4, 5, 0, 0]); // a stack that does not start is broken, too

        Assert.Equal(
            [(ProofState.Working, ProofState.Broken), (ProofState.Broken, ProofState.Unknown), (ProofState.Unknown, ProofState.Working)],
            hook.Taken.Select(c => (c.Before!.Value, c.After)));
    }

    [Fact]
    public async Task It_is_told_whether_a_user_can_chat_what_failed_first_why_and_the_money()
    {
        await using var hook = new Listener();
        await WatchAsync(hook, [0, 1]);

        var change = Assert.Single(hook.Taken);
        var broken = WritingReports.Result();
        Assert.Equal((1, false, "http://localhost:3000/proof"), (change.Version, change.CanChat, change.Link));
        Assert.Equal("jwt.failed", change.FirstFailure!.Assertion);
        Assert.Equal(new ChangedMoney("USD", broken.Money.AtRisk, 597_000m), change.Money);
        Assert.Equal(broken.Causes.Take(5).Select(c => c.Sentence), change.Causes.Select(c => c.Sentence));
    }

    [Fact]
    public async Task A_first_run_that_is_broken_is_told_and_one_that_works_is_not()
    {
        await using var hook = new Listener();
        await WatchAsync(hook, [0]);
        Assert.Empty(hook.Taken);
        await WatchAsync(hook, [1]);
        Assert.Null(Assert.Single(hook.Taken).Before);
    }

    [Fact]
    public async Task A_monitor_that_is_started_again_goes_on_from_the_last_kept_report()
    {
        Kept.Keep(Guid.NewGuid(), _time.GetUtcNow(), new JsonReport().Write(Ending(1), WritingReports.Context()));
        await using var hook = new Listener();
        await WatchAsync(hook, [1, 0]);
        Assert.Equal((ProofState.Broken, ProofState.Working), (hook.Taken.Single().Before!.Value, hook.Taken.Single().After));
    }

    [Fact]
    public async Task A_damaged_report_is_said_and_passed_over()
    {
        Kept.Keep(Guid.NewGuid(), _time.GetUtcNow(), new JsonReport().Write(Ending(1), WritingReports.Context()));
        var damaged = Path.Combine(_folder.FullName, "runs", "29990101T000000.000Z-0.json");
        await File.WriteAllTextAsync(damaged, "{ \"version\": 1, \"result\": ", TestContext.Current.CancellationToken);
        await using var hook = new Listener();
        await WatchAsync(hook, [0]);
        Assert.Contains($"{damaged} is damaged and passed over.", _console.ToString(), StringComparison.Ordinal);
        Assert.Equal(ProofState.Broken, hook.Taken.Single().Before);
    }

    [Fact]
    public async Task What_was_not_taken_is_said_and_told_after_the_next_run()
    {
        await using var hook = new Listener();
        hook.Answers.Enqueue(400); // trying again would not help
        await WatchAsync(hook, [0, 1, 1]);
        Assert.Equal((2, ProofState.Working), (hook.Asked, hook.Taken.Single().Before!.Value));
        Assert.Contains("The webhook was not told: it answered 400", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_webhook_is_asked_three_times_and_a_redirect_is_not_followed()
    {
        await using var hook = new Listener();
        await using var elsewhere = new Listener();
        using var webhook = new Webhook(hook.Address, TimeProvider.System);
        foreach (var status in (int[])[503, 503, 503, 302]) hook.Answers.Enqueue(status);
        var change = StateChange.Of(Ending(1), ProofState.Working, ProofState.Broken, null);
        Assert.Equal("it answered 503", await webhook.PostAsync(change, TestContext.Current.CancellationToken));
        Assert.Equal(3, hook.Asked);
        hook.RedirectTo = elsewhere.Address.AbsoluteUri;
        Assert.Equal("it answered 302", await webhook.PostAsync(change, TestContext.Current.CancellationToken));
        Assert.Equal(0, elsewhere.Asked);
    }

    [Theory]
    [InlineData("https://example.com/hook", true)]
    [InlineData("http://127.0.0.1:9/hook", true)]
    [InlineData("http://localhost:9/hook", true)]
    [InlineData("http://example.com/hook", false)]
    [InlineData("http://169.254.169.254/latest", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("hook", false)]
    public void Only_https_and_this_machine_are_told(string address, bool isTaken)
    {
        if (isTaken) Assert.Equal(address, MonitorSettings.AddressOf(address).AbsoluteUri);
        else Assert.Throws<GraphException>(() => MonitorSettings.AddressOf(address));
    }

    /// <summary>Watches through runs that end with these exit codes, the clock moved on after each.</summary>
    private async Task WatchAsync(Listener hook, IReadOnlyList<int> exitCodes)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        using var webhook = new Webhook(hook.Address, TimeProvider.System);
        var runs = 0;
        var monitor = new Monitor(RunAsync, Kept, webhook, () => "http://localhost:3000/proof", _console, _time);
        await monitor.RunAsync(Period, done.Token);
        Assert.False(stop.IsCancellationRequested, $"Only {runs} runs were made within 30 s.");

        async Task<VerifyResult?> RunAsync(CancellationToken cancellationToken)
        {
            if (runs == exitCodes.Count)
            {
                await done.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            _time.Advance(Period); // it takes as long as they are apart, so the next begins at once
            return Ending(exitCodes[runs++]);
        }
    }

    private static VerifyResult Ending(int exitCode) => WritingReports.Result() with { ExitCode = exitCode };
}
