using System.Text.Json;

namespace Throughline.Backend.Tests.Threads;

public sealed class FollowingAThread(BackendStack platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_runs_events_are_numbered_without_a_gap_and_in_AG_UIs_order()
    {
        await using var user = await platform.SignUpAsync("dense", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var ack = await socket.StartAsync("a", RawSocket.Input("What can you do?"), Stop);
        Assert.Equal(0, ack.GetProperty("seq").GetInt64());
        await socket.EndOfAsync(ack.GetProperty("runId").GetString()!, Stop);

        var events = socket.EventsOf(ack.GetProperty("threadId").GetString()!);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
    }

    [Fact]
    public async Task The_same_request_again_gets_the_same_answer_and_another_under_its_id_is_refused()
    {
        await using var user = await platform.SignUpAsync("idempotent", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var first = await socket.StartAsync("same", RawSocket.Input("What can you do?"), Stop);
        await using var other = await RawSocket.OpenAsync(platform, user, Stop);
        var again = await other.StartAsync("same", RawSocket.Input("What can you do?"), Stop);
        Assert.Equal(first.GetRawText(), again.GetRawText());

        await using var third = await RawSocket.OpenAsync(platform, user, Stop);
        var reused = await third.StartAsync("same", RawSocket.Input("What else can you do?"), Stop);
        Assert.Equal("id_reused", reused.GetProperty("code").GetString());
        Assert.Equal(4, (await LimitsAsync(user)).GetProperty("items")[0].GetProperty("remaining").GetInt32());
    }

    [Fact]
    public async Task Whoever_comes_later_and_resumes_anywhere_sees_the_same_bytes_once_each()
    {
        await using var user = await platform.SignUpAsync("resume", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var ack = await socket.StartAsync("a", RawSocket.Input("What can you do?"), Stop);
        var thread = ack.GetProperty("threadId").GetString()!;
        await using var tab = await RawSocket.OpenAsync(platform, user, Stop);
        await tab.SendAsync(new { type = "thread.subscribe", id = "s", threadId = thread, after = 0 }, Stop);
        var run = ack.GetProperty("runId").GetString()!;
        await socket.EndOfAsync(run, Stop);
        await tab.EndOfAsync(run, Stop);
        var all = socket.EventsOf(thread).Select(e => e.GetRawText()).ToList();
        Assert.Equal(all, tab.EventsOf(thread).Select(e => e.GetRawText()));

        socket.Drop();
        for (var after = 0; after < all.Count; after += Math.Max(1, all.Count / 5))
        {
            await using var late = await RawSocket.OpenAsync(platform, user, Stop);
            await late.SendAsync(new { type = "thread.subscribe", id = "s", threadId = thread, after }, Stop);
            await late.EndOfAsync(run, Stop);
            Assert.Equal(all.Skip(after), late.EventsOf(thread).Select(e => e.GetRawText()));
        }
    }

    [Fact]
    public async Task Questions_asked_at_once_in_one_thread_are_answered_one_after_the_other()
    {
        await using var user = await platform.SignUpAsync("queue", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        string[] runs = ["one", "two", "three"];
        foreach (var run in runs) await socket.SendAsync(new { type = "run.start", id = run, input = RawSocket.Input($"What can you do, {run}?", "queue", run) }, Stop);
        foreach (var run in runs) await socket.EndOfAsync(run, Stop);

        var events = socket.EventsOf("queue");
        Assert.Equal(runs, events.Where(e => RawSocket.EventType(e) == "RUN_STARTED").Select(RawSocket.RunOf));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
    }

    [Fact]
    public async Task Another_users_thread_looks_like_one_that_does_not_exist()
    {
        await using var owner = await platform.SignUpAsync("owner", Stop);
        await using var other = await platform.SignUpAsync("other", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, owner, Stop);
        var ack = await socket.StartAsync("a", RawSocket.Input("What can you do?"), Stop);
        var thread = ack.GetProperty("threadId").GetString()!;
        var run = ack.GetProperty("runId").GetString()!;

        using var foreign = other.CreateHttp(platform.Backend);
        using var own = owner.CreateHttp(platform.Backend);
        foreach (var path in (string[])[$"/api/threads/{thread}", $"/api/threads/{thread}/messages", $"/api/threads/{thread}/events", $"/api/threads/{thread}/runs", $"/api/threads/{thread}/export", $"/api/runs/{run}"])
        {
            Assert.Equal(404, (int)(await foreign.GetAsync(new Uri(path, UriKind.Relative), Stop)).StatusCode);
            Assert.Equal(200, (int)(await own.GetAsync(new Uri(path, UriKind.Relative), Stop)).StatusCode);
        }

        await using var spy = await RawSocket.OpenAsync(platform, other, Stop);
        await spy.SendAsync(new { type = "thread.subscribe", id = "x", threadId = thread, after = 0 }, Stop);
        var answer = await spy.UntilAsync("answer", f => f.TryGetProperty("id", out _), Stop);
        Assert.Equal("not_found", answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_free_user_may_ask_five_times_a_minute_and_is_told_when_again()
    {
        await using var user = await platform.SignUpAsync("limit", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var answers = new List<JsonElement>();
        for (var i = 0; i < 6; i++) answers.Add(await socket.StartAsync($"{i}", RawSocket.Input($"What can you do, {i}?", $"t{i}"), Stop));
        Assert.Equal(["ack", "ack", "ack", "ack", "ack", "error"], answers.Select(RawSocket.TypeOf));
        Assert.Equal("rate_limited", answers[5].GetProperty("code").GetString());
        Assert.InRange(answers[5].GetProperty("retryAfterMs").GetInt64(), 1, 60_000);
        Assert.Equal(0, (await LimitsAsync(user)).GetProperty("items")[0].GetProperty("remaining").GetInt32());
    }

    private async Task<JsonElement> LimitsAsync(Throughline.Testing.TestUser user)
    {
        using var http = user.CreateHttp(platform.Backend);
        return JsonElement.Parse(await http.GetStringAsync(new Uri("/api/limits", UriKind.Relative), Stop));
    }
}
