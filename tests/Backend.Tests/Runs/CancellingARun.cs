using System.Net;
using System.Text.Json;

namespace Throughline.Backend.Tests.Runs;

/// <summary>Each test has a run that is under way, because it takes long.</summary>
public sealed class CancellingARun(BackendStack platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_under_way_closes_what_is_open_and_a_queued_one_does_no_work()
    {
        await using var user = await platform.SignUpAsync("cancel", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var file = await LongRun.UploadAsync(http, Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        foreach (var run in (string[])["running", "queued", "after"])
            Assert.Equal("ack", RawSocket.TypeOf(await socket.StartAsync(run, run == "after" ? RawSocket.Input("What can you do?", "thread", run) : LongRun.Input("thread", run, file), Stop)));
        await LongRun.UnderWayAsync(socket, "running", Stop);
        Assert.Equal("running", await StatusAsync(http, "running"));
        Assert.Equal("queued", await StatusAsync(http, "queued"));

        await socket.SendAsync(new { type = "run.cancel", id = "c1", runId = "queued" }, Stop);
        Assert.Equal("ack", RawSocket.TypeOf(await socket.AnswerToAsync("c1", Stop)));
        using var cancel = await http.PostAsync(new Uri("/api/runs/running/cancel", UriKind.Relative), null, Stop);
        Assert.Equal(HttpStatusCode.Accepted, cancel.StatusCode);

        foreach (var run in (string[])["running", "queued"])
        {
            Assert.Equal("cancelled", (await socket.EndOfAsync(run, Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
            Assert.Equal("cancelled", await StatusAsync(http, run));
        }

        Assert.Equal("success", (await socket.EndOfAsync("after", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        var events = socket.EventsOf("thread");
        Assert.Equal(["RUN_STARTED", "RUN_FINISHED"], events.Where(e => RawSocket.RunOf(e) == "queued").Select(RawSocket.EventType));
        Assert.DoesNotContain(events, e => RawSocket.RunOf(e) == "running" && RawSocket.EventType(e) == "TEXT_MESSAGE_START");
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));

        await socket.SendAsync(new { type = "run.cancel", id = "c2", runId = "running" }, Stop);
        Assert.Equal("run_not_active", (await socket.AnswerToAsync("c2", Stop)).GetProperty("code").GetString());
        await socket.SendAsync(new { type = "run.cancel", id = "c3", runId = "nobody's" }, Stop);
        Assert.Equal("not_found", (await socket.AnswerToAsync("c3", Stop)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_thread_deleted_while_its_run_is_under_way_is_gone_at_once_and_its_id_is_free_again()
    {
        await using var user = await platform.SignUpAsync("delete", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var file = await LongRun.UploadAsync(http, Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.StartAsync("first", LongRun.Input("thread", "first", file), Stop);
        await LongRun.UnderWayAsync(socket, "first", Stop);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(20)); // less than the engine gives a call that nobody answers
        using var deleted = await http.DeleteAsync(new Uri("/api/threads/thread", UriKind.Relative), limit.Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        foreach (var path in (string[])["/api/threads/thread", "/api/threads/thread/events", "/api/runs/first"])
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(path, UriKind.Relative), Stop)).StatusCode);

        await using var again = await RawSocket.OpenAsync(platform, user, Stop);
        var ack = await again.StartAsync("second", RawSocket.Input("What can you do?", "thread", "second"), Stop);
        Assert.Equal(0, ack.GetProperty("seq").GetInt64());
        await again.EndOfAsync("second", Stop);
        Assert.Null(RunOrder.FirstFault(again.EventsOf("thread").Select(e => e.GetProperty("event"))));
    }

    private static async Task<string?> StatusAsync(HttpClient http, string run) =>
        JsonElement.Parse(await http.GetStringAsync(new Uri($"/api/runs/{run}", UriKind.Relative), Stop)).GetProperty("status").GetString();
}
