using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Tests.Limits;

/// <summary>A minute would be long for a test.</summary>
public sealed class QuickServices : Services
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Limits__Window"] = Window.ToString() });
}

public sealed class LimitingMessages : IAsyncLifetime
{
    private const int Free = 5;

    private readonly QuickServices _services = new();

    public ValueTask InitializeAsync() => _services.InitializeAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_burst_gets_exactly_the_quota_and_the_rest_a_true_time_to_come_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        Assert.Equal((Free, Free, 0), await LeftAsync(alice, stop));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(alice, $"{Guid.NewGuid()}", stop)));

        Assert.Equal(Free, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        var refused = answers.Where(a => a.StatusCode != HttpStatusCode.OK).ToList();
        foreach (var answer in refused)
        {
            Assert.Equal("rate_limited", await answer.CodeOfAsync(HttpStatusCode.TooManyRequests, stop));
            Assert.Contains("\"messages\";q=5;w=15", answer.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
            Assert.Contains("\"messages\";r=0;t=", answer.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        }

        var wait = refused[^1].Headers.RetryAfter!.Delta!.Value;
        Assert.InRange(wait, TimeSpan.FromSeconds(1), QuickServices.Window);
        var (_, remaining, reset) = await LeftAsync(alice, stop);
        Assert.Equal(0, remaining);
        Assert.InRange(reset, 1, (int)QuickServices.Window.TotalSeconds);

        // The promise is what is tested, so this wait is the promised one.
        await Task.Delay(wait, TimeProvider.System, stop);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(alice, $"{Guid.NewGuid()}", stop)).StatusCode);
    }

    [Fact]
    public async Task A_repeat_is_not_charged()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        foreach (var _ in Enumerable.Range(0, Free + 3))
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(alice, "the same run", stop)).StatusCode);
        Assert.Equal(Free - 1, (await LeftAsync(alice, stop)).Remaining);
    }

    [Fact]
    public async Task A_store_that_dies_gives_nobody_a_second_quota()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        foreach (var run in Enumerable.Range(0, 3)) Assert.Equal(HttpStatusCode.OK, (await AskAsync(alice, $"before {run}", stop)).StatusCode);

        await Services.KillAsync(_services.Store, stop);

        var answers = new List<HttpStatusCode>();
        foreach (var run in Enumerable.Range(0, 4)) answers.Add((await AskAsync(alice, $"after {run}", stop)).StatusCode);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], answers);
        Assert.Equal("degraded", (await _services.ReadinessAsync(stop)).Checks!["store"].Status);
    }

    private static async Task<HttpResponseMessage> AskAsync(Member member, string runId, CancellationToken cancellationToken)
    {
        var input = new RunAgentInput(
            $"thread of {runId}", runId, [new AgUiMessage("m1", "user", JsonSerializer.SerializeToElement("What can you do?"))]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/agui") { Content = JsonContent.Create(input, WireJson.Default.RunAgentInput) };
        return await member.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static async Task<(int Quota, int Remaining, int Reset)> LeftAsync(Member member, CancellationToken cancellationToken)
    {
        var report = await (await member.Http.GetAsync("/api/limits", cancellationToken)).ReadAsync(WireJson.Default.LimitReport, cancellationToken);
        var messages = Assert.Single(report.Items, item => item.Policy == "messages");
        return ((int)messages.Quota, (int)messages.Remaining, messages.ResetSeconds);
    }
}
