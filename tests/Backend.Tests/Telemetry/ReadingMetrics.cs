using System.Net;
using System.Net.Http.Headers;
using Throughline.Testing;
using Throughline.Testing.Telemetry;

namespace Throughline.Backend.Tests.Telemetry;

/// <summary>What services count moves by exactly what was done, and is nobody's business from outside.</summary>
[Collection(Traced.Name)]
public sealed class ReadingMetrics(TracedPlatform platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_backend_counts_moves_by_exactly_what_was_done()
    {
        await using var user = await platform.SignUpAsync("counted", Stop);
        var before = await OfAsync("backend");
        await using (var socket = await RawSocket.OpenAsync(platform, user, Stop))
        {
            await socket.HelloAsync(Stop);
            Assert.Equal(1, Moved(before, await OfAsync("backend"), "backend_sockets_open"));
            await socket.SendTextAsync("no frame", Stop);
            foreach (var run in (string[])["one", "two"])
            {
                await socket.StartAsync(run, RawSocket.Input("What can you do?", "counted", run), Stop);
                await socket.EndOfAsync(run, Stop);
            }
        }

        var events = (await user.Api.ListThreadsAsync(null, null, null, Stop)).Items.Single().Head;
        // The socket is counted out once its close is through, which its peer does not see.
        var after = await UntilAsync("backend", m => Moved(before, m, "backend_sockets_closed_total") == 1);

        Assert.Equal(2, Moved(before, after, "backend_runs_accepted_total"));
        Assert.Equal(2, Moved(before, after, "backend_runs_taken_up_total", ("resumed", "false")));
        Assert.Equal(0, Moved(before, after, "backend_runs_taken_up_total", ("resumed", "true")));
        Assert.Equal(2, Moved(before, after, "backend_runs_ended_total", ("status", "completed")));
        Assert.Equal(2, Moved(before, after, "backend_run_duration_seconds_count"));
        Assert.Equal(0, after["backend_runs_waiting"]);
        Assert.Equal(0, after["backend_runs_at_work"]);
        Assert.Equal(events, Moved(before, after, "backend_log_events_total"));
        Assert.Equal(events, Moved(before, after, "backend_sockets_events_total"));
        Assert.Equal(Moved(before, after, "backend_sockets_events_total", ("source", "live")), Moved(before, after, "backend_sockets_lag_seconds_count"));
        Assert.Equal(Moved(before, after, "backend_log_batch_count"), Moved(before, after, "backend_log_commit_duration_seconds_count"));
        Assert.Equal(1, Moved(before, after, "backend_sockets_opened_total"));
        Assert.Equal(0, Moved(before, after, "backend_sockets_open"));
        Assert.Equal(1, Moved(before, after, "backend_sockets_refused_frames_total", ("code", "invalid_json")));
        Assert.Equal(2, Moved(before, after, "limits_charges_total", ("policy", "messages"), ("outcome", "allowed"), ("alone", "false")));
        Assert.Equal(0, after["backend_breakers_state", ("dependency", "store")]);
        Assert.InRange(after["backend_users_feed_lag_seconds"], 0, 30);
    }

    [Fact]
    public async Task What_auth_counts_moves_by_exactly_what_was_done()
    {
        var before = await OfAsync("auth");
        await using var user = await platform.SignUpAsync("counted", Stop);
        var after = await OfAsync("auth");
        Assert.Equal(1, Moved(before, after, "auth_events_total", ("event", "account.created"), ("outcome", "success")));
        Assert.Equal(1, Moved(before, after, "auth_events_total", ("event", "login"), ("outcome", "success")));
        Assert.Equal(1, Moved(before, after, "auth_tokens_total", ("grant", "authorization_code")));
    }

    [Fact]
    public async Task The_public_origin_has_no_metrics_and_the_frontends_own_port_has_nothing_else()
    {
        using var http = new HttpClient();
        var frontend = platform.Stack.RecordOf("frontend");
        Assert.NotEqual(new Uri(frontend.ApiUrl).Port, new Uri(frontend.MetricsUrl!).Port);
        var before = await OfAsync("frontend");
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"{frontend.ApiUrl}/metrics", Stop)).StatusCode);
        var after = await OfAsync("frontend");
        Assert.Equal(1, Moved(before, after, "http_server_request_duration_seconds_count", ("http_route", "/metrics"), ("http_response_status_code", "404")));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Host", "evil.example.com")]
    public async Task Who_comes_through_a_proxy_or_under_a_foreign_name_finds_nothing(string header, string value)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, platform.Stack.RecordOf("backend").MetricsUrl);
        request.Headers.Add(header, value);
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task With_a_token_only_its_bearer_reads()
    {
        using var state = new TestState().WithSecrets();
        const string Token = "a-token-of-more-than-thirty-two-characters";
        await using var frontend = await ServiceProcess.StartAsync("frontend", state, new Dictionary<string, string> { ["Metrics__Token"] = Token }, Stop);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(frontend.Record.MetricsUrl, Stop)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token + "x");
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(frontend.Record.MetricsUrl, Stop)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(frontend.Record.MetricsUrl, Stop)).StatusCode);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "Only Linux tells what a process has loaded.")]
    public async Task Nothing_of_the_SDK_is_loaded_before_somebody_looks()
    {
        using var state = new TestState().WithSecrets();
        await using var frontend = await ServiceProcess.StartAsync("frontend", state, null, Stop);
        Assert.DoesNotContain("OpenTelemetry", await LoadedByAsync(frontend), StringComparison.Ordinal);
        await Metrics.ReadAsync(frontend.Record.MetricsUrl!, Stop);
        Assert.Contains("OpenTelemetry", await LoadedByAsync(frontend), StringComparison.Ordinal);
    }

    public static bool IsLinux => OperatingSystem.IsLinux();

    private static Task<string> LoadedByAsync(ServiceProcess service) => File.ReadAllTextAsync($"/proc/{service.Program.Pid}/maps", Stop);

    private Task<Metrics> OfAsync(string service) => Metrics.ReadAsync(platform.Stack.RecordOf(service).MetricsUrl!, Stop);

    private async Task<Metrics> UntilAsync(string service, Func<Metrics, bool> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await OfAsync(service) is var metrics && isSo(metrics)) return metrics;
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    private static double Moved(Metrics before, Metrics after, string name, params ReadOnlySpan<(string, string)> labels) => after[name, labels] - before[name, labels];
}
