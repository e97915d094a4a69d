using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Backend.Tests.Runs;
using Throughline.Contracts.Traces;
using Throughline.Testing.Telemetry;

namespace Throughline.Backend.Tests.Telemetry;

/// <summary>One trace for each run, from the browser to the tools, on whichever process it is worked on.</summary>
[Collection(Traced.Name)]
public sealed class FollowingARun(TracedPlatform platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_over_HTTP_is_one_trace_from_its_sender_through_every_service_to_each_tool()
    {
        await using var user = await platform.SignUpAsync("traced", Stop);
        using var http = user.CreateHttp(platform.Frontend);
        var file = await user.UploadAsync("usage.csv", Usage, Stop);
        var sender = Traceparent.New();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/agui") { Content = JsonContent.Create(RawSocket.Input("What did we spend?", "traced", "traced", file.Id)) };
        request.Headers.Add("traceparent", sender);
        using var answer = await http.SendAsync(request, Stop);
        Assert.Contains("RUN_FINISHED", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        var trace = Traceparent.TraceIdOf(sender)!;
        Assert.Equal(trace, (await http.GetFromJsonAsync<JsonElement>("/api/runs/traced", Stop)).GetProperty("traceId").GetString());
        await platform.Collector.UntilAsync(trace, "the backend's own span", s => s.Name == "POST /api/agui/", Stop);
        await platform.Collector.UntilAsync(trace, "the public origin's own span", s => s.Service == "frontend" && s.ParentId == sender.Split('-')[2], Stop);
        Assert.Equal(
            [
                "frontend POST /api/{**rest}", "frontend proxy.forwarder", "frontend POST", "backend POST /api/agui/", "backend thread.accept", "backend run",
                "backend stage data", "backend invoke_agent data", "backend execute_tool spend_total",
            ],
            WayTo(platform.Collector.Trace(trace), s => s.Name == "execute_tool spend_total", sender));
    }

    [Fact]
    public async Task Questions_on_one_socket_are_traces_of_their_own_that_point_to_the_socket()
    {
        await using var user = await platform.SignUpAsync("asks-twice", Stop);
        using var http = user.CreateHttp(platform.Frontend);
        await user.AskAsync("What can you do?", [], Stop);
        await user.AskAsync("What can you do?", [], Stop);

        var traces = new List<string>();
        foreach (var thread in (await user.Api.ListThreadsAsync(null, null, null, Stop)).Items)
            traces.Add((await http.GetFromJsonAsync<JsonElement>($"/api/threads/{thread.Id}/runs", Stop)).GetProperty("items")[0].GetProperty("traceId").GetString()!);

        Assert.Equal(2, traces.Distinct().Count());
        var links = new List<string>();
        foreach (var trace in traces)
        {
            await platform.Collector.UntilAsync(trace, "the run", s => s.Name == "run", Stop);
            var start = await platform.Collector.UntilAsync(trace, "the frame", s => s.Name == "run.start", Stop);
            Assert.Equal(["backend run.start", "backend thread.accept", "backend run", "backend stage triage"], WayTo(platform.Collector.Trace(trace), s => s.Name == "stage triage", start.ParentId));
            Assert.NotEmpty(start.ParentId); // the client's own place in the trace
            links.AddRange(start.Links);
        }

        Assert.Equal(2, links.Count);
        Assert.Single(links.Distinct());
    }

    [Fact]
    public async Task A_run_that_is_taken_up_after_its_process_was_killed_goes_on_in_its_trace()
    {
        await using var user = await platform.SignUpAsync("torn", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var (sender, killed) = (Traceparent.New(), platform.Stack.RecordOf("backend"));
        var trace = Traceparent.TraceIdOf(sender)!;
        var file = await LongRun.UploadAsync(http, Stop);
        await using (var socket = await RawSocket.OpenAsync(platform, user, Stop))
        {
            await socket.SendAsync(new { type = "run.start", id = "torn", input = LongRun.Input("thread", "torn", file), traceparent = sender }, Stop);
            await LongRun.UnderWayAsync(socket, "torn", Stop);
            await platform.Collector.UntilAsync(trace, "what the first process did", s => s.Name == "thread.accept", Stop);
            using (var process = Process.GetProcessById(killed.Pid)) process.Kill();
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await platform.State.WaitForRecordAsync("backend", record => record.Instance != killed.Instance, limit.Token);

        var run = await platform.Collector.UntilAsync(trace, "the run's end", s => s.Name == "run", Stop);
        Assert.NotEqual(killed.Instance.ToString(), run.Instance);
        Assert.Equal(("2", "completed"), (run.Tags["throughline.run.attempt"], run.Tags["throughline.run.status"]));
        var spans = platform.Collector.Trace(trace);
        var accepted = Assert.Single(spans, s => s.Name == "thread.accept");
        Assert.Equal((killed.Instance.ToString(), accepted.SpanId), (accepted.Instance, run.ParentId));
        Assert.Contains(spans, s => s.Instance == run.Instance && s.Name.StartsWith("execute_tool ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_problem_names_the_trace_of_its_request()
    {
        await using var user = await platform.SignUpAsync("mistaken", Stop);
        using var http = user.CreateHttp(platform.Frontend);
        var sender = Traceparent.New();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/threads/none");
        request.Headers.Add("traceparent", sender);
        using var answer = await http.SendAsync(request, Stop);
        Assert.Equal(Traceparent.TraceIdOf(sender), (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("traceId").GetString());
    }

    private static byte[] Usage => "timestamp,model,input_tokens,output_tokens\n2026-01-01T00:00:00Z,gpt-4o,1000,100\n"u8.ToArray();

    /// <summary>From the span under the sender's to the wanted one, as service and name.</summary>
    private static Stack<string> WayTo(IReadOnlyList<CollectedSpan> trace, Func<CollectedSpan, bool> isWanted, string sender)
    {
        var byId = trace.ToDictionary(span => span.SpanId);
        var way = new Stack<string>();
        var span = trace.First(isWanted);
        while (true)
        {
            way.Push($"{span.Service} {span.Name}");
            if (byId.TryGetValue(span.ParentId, out var parent)) span = parent;
            else break;
        }

        var begin = sender.Split('-') is [_, _, var id, _] ? id : sender;
        Assert.True(span.ParentId == begin, $"The way begins at {string.Join(" > ", way)}, under {span.ParentId} instead of {begin}, of\n{string.Join('\n', trace)}");
        return way;
    }
}
