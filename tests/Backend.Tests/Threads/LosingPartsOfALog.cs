using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Threads;

/// <summary>What should come next will not come: it was taken out of the database, or the thread is gone. Whoever follows is told, and waits for nothing.</summary>
public sealed class LosingPartsOfALog(BackendStack platform)
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_that_are_missing_are_named_after_those_before_them()
    {
        await using var user = await platform.SignUpAsync("hole", Stop);
        await AskAsync(user, "hole");
        await ChangeAsync($"DELETE FROM recent_events WHERE seq IN (5, 6) AND {Of(user)}; DELETE FROM events WHERE seq IN (5, 6) AND {Of(user)}");

        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.SendAsync(new { type = "thread.subscribe", id = "s", threadId = "hole", after = 0 }, Stop);
        var error = await ErrorAsync(socket);
        Assert.Equal(("s", "log_incomplete"), (error.GetProperty("id").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("events 5 to 6", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], socket.EventsOf("hole").Select(RawSocket.SeqOf));

        // The socket goes on, and so does the thread for who does not need them.
        await socket.SendAsync(new { type = "thread.subscribe", id = "again", threadId = "hole", after = 6 }, Stop);
        await socket.EndOfAsync("hole", Stop);
        Assert.Single(socket.Frames, f => RawSocket.TypeOf(f) == "error");
        Assert.Contains("has lost its events 5 to 6", await File.ReadAllTextAsync(platform.State.PathOf("logs/backend.log"), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_heard_of_events_that_are_gone_is_told()
    {
        await using var user = await platform.SignUpAsync("forgets", Stop);
        await AskAsync(user, "forgets");
        using var http = user.CreateHttp(platform.Backend);
        var head = (await http.GetFromJsonAsync<JsonElement>("/api/threads/forgets", Stop)).GetProperty("head").GetInt64();
        await ChangeAsync($"DELETE FROM recent_events WHERE seq = {head} AND {Of(user)}; DELETE FROM events WHERE seq = {head} AND {Of(user)}");
        await using var other = await RawSocket.OpenAsync(platform, user, Stop);
        await other.SendAsync(new { type = "thread.subscribe", id = "s", threadId = "forgets", after = head - 1 }, Stop);
        await other.UntilAsync("subscribed", f => RawSocket.TypeOf(f) == "subscribed", Stop);
        await ChangeAsync($"CREATE TRIGGER forgets AFTER INSERT ON recent_events WHEN NEW.{Of(user)} BEGIN DELETE FROM recent_events WHERE arrival = NEW.arrival; END");
        JsonElement error;
        try
        {
            // What it hears of does not go on where it stands, so it reads the log, which keeps nothing more. Who asks may be told the same.
            await using var asking = await RawSocket.OpenAsync(platform, user, Stop);
            await asking.StartAsync("again", RawSocket.Input("What can you do?", "forgets", "again"), Stop);
            error = await ErrorAsync(other);
        }
        finally
        {
            await ChangeAsync("DROP TRIGGER forgets");
        }

        Assert.Equal(("s", "log_incomplete"), (error.GetProperty("id").GetString(), error.GetProperty("code").GetString()));
        Assert.StartsWith($"This thread has lost its events {head} to ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_follows_a_thread_is_told_that_it_was_deleted()
    {
        await using var user = await platform.SignUpAsync("deleted", Stop);
        await AskAsync(user, "deleted");
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.SendAsync(new { type = "thread.subscribe", id = "s", threadId = "deleted" }, Stop);
        await socket.UntilAsync("subscribed", f => RawSocket.TypeOf(f) == "subscribed", Stop);
        using var http = user.CreateHttp(platform.Backend);
        (await http.DeleteAsync(new Uri("/api/threads/deleted", UriKind.Relative), Stop)).EnsureSuccessStatusCode();

        var error = await ErrorAsync(socket);
        Assert.Equal(("s", "not_found"), (error.GetProperty("id").GetString(), error.GetProperty("code").GetString()));

        // Under the same id it may ask again, in a thread that begins with its first event.
        await socket.StartAsync("new", RawSocket.Input("What can you do?", "deleted", "new"), Stop);
        await socket.EndOfAsync("new", Stop);
        Assert.Equal(1, RawSocket.SeqOf(socket.EventsOf("deleted")[0]));
    }

    [Fact]
    public async Task Who_has_more_than_there_is_is_told_to_read_again()
    {
        await using var user = await platform.SignUpAsync("restored", Stop);
        await AskAsync(user, "restored");
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.SendAsync(new { type = "thread.subscribe", id = "s", threadId = "restored", after = 1000 }, Stop);
        var error = await ErrorAsync(socket);
        Assert.Equal(("s", "log_incomplete"), (error.GetProperty("id").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_stream_over_HTTP_ends_with_an_error()
    {
        await using var user = await platform.SignUpAsync("stream", Stop);
        await AskAsync(user, "stream");
        await ChangeAsync($"DELETE FROM recent_events WHERE seq > 4 AND {Of(user)}; DELETE FROM events WHERE seq > 4 AND {Of(user)}");
        await ChangeAsync($"INSERT INTO recent_events (thread_no, seq, event) SELECT thread_no, head, '{{}}' FROM threads WHERE {Of(user)}");

        using var http = user.CreateHttp(platform.Backend);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/agui") { Content = JsonContent.Create(RawSocket.Input("What can you do?", "stream", "stream")) };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(EndsWithin);
        var events = new List<JsonElement>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(limit.Token)).EnumerateAsync(limit.Token)) events.Add(JsonElement.Parse(item.Data));
        Assert.Equal(5, events.Count);
        Assert.Equal(("RUN_ERROR", "log_incomplete"), (RawSocket.TypeOf(events[^1]), events[^1].GetProperty("code").GetString()));
    }

    private static Task<JsonElement> ErrorAsync(RawSocket socket) => socket.UntilAsync("an error", f => RawSocket.TypeOf(f) == "error", Stop);

    private static string Of(TestUser user) => $"thread_no = (SELECT thread_no FROM threads WHERE user_id = '{user.UserId}')";

    private async Task AskAsync(TestUser user, string threadId)
    {
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        await socket.StartAsync(threadId, RawSocket.Input("What can you do?", threadId, threadId), Stop);
        await socket.EndOfAsync(threadId, Stop);
    }

    private Task<int> ChangeAsync(string sql) => platform.State.PlantAsync("backend.db", sql, Stop);
}
