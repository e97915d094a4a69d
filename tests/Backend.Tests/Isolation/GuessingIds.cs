using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Isolation;

/// <summary>
/// Mallory knows every id of Alice and tries each in every place and spelling that takes one. Whatever any answer, frame or error says to
/// Mallory is kept, and Alice's mark must be in none of it; the reverse is looked at too.
/// </summary>
public sealed class GuessingIds(World world) : IClassFixture<World>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_spelling_of_an_id_reaches_anothers_thing_and_any_reaches_ones_own()
    {
        using var mallory = Recorded(world.Other, out var seen);
        using var alice = Recorded(world.Owner, out _);
        foreach (var (thing, path) in ((string, string)[])[("file", "/api/files/{0}"), ("fact", "/api/facts/{0}"), ("thread", "/api/threads/{0}"), ("run", "/api/runs/{0}")])
        {
            var id = world.IdOf(thing);
            foreach (var spelling in SpellingsOf(id))
            {
                using var foreign = await mallory.GetAsync(string.Format(null, path, spelling), Stop);
                using var own = await alice.GetAsync(string.Format(null, path, spelling), Stop);
                // The server itself refuses a NUL, whoever sends it.
                Assert.True(foreign.StatusCode is HttpStatusCode.NotFound || (foreign.StatusCode, own.StatusCode) is (HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), $"{spelling}: {foreign.StatusCode}");
                if (spelling == id) Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (own.StatusCode, foreign.StatusCode));
            }
        }

        foreach (var wild in (string[])["*", "%25", "_", "[]", "..", "%2e%2e", "%00", $"{world.IdOf("thread")}%2F..", $"{world.Owner.UserId}%2F{world.IdOf("thread")}", "null", "-1", "0"])
            Assert.True((await mallory.GetAsync($"/api/threads/{wild}/messages", Stop)).StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, wild);
        seen.HasNone(world.OwnersCanary);
    }

    [Fact]
    public async Task Cursors_searches_and_lists_of_one_user_show_another_nothing()
    {
        using var alice = Recorded(world.Owner, out var own);
        using var mallory = Recorded(world.Other, out var seen);
        for (var i = 0; i < 3; i++) await world.MakeAsync("thread", Stop);
        await world.MakeAsync("file", Stop);
        foreach (var list in (string[])["/api/threads", "/api/files"])
        {
            var first = JsonElement.Parse(await alice.GetStringAsync($"{list}?limit=1", Stop));
            var cursor = first.GetProperty("next").GetString()!;
            foreach (var query in (string[])[$"?limit=200&cursor={Uri.EscapeDataString(cursor)}", "?limit=200", $"?limit=200&userId={world.Owner.UserId}", $"?user={world.Owner.UserId}&sub={world.Owner.UserId}"])
            {
                var page = JsonElement.Parse(await mallory.GetStringAsync(list + query, Stop));
                Assert.DoesNotContain(page.GetProperty("items").EnumerateArray(), i => i.GetProperty("id").GetString() == first.GetProperty("items")[0].GetProperty("id").GetString());
            }
        }

        foreach (var query in (string[])[world.OwnersCanary, world.OwnersCanary.ToUpperInvariant(), world.IdOf("thread"), world.Owner.UserId.ToString()])
        {
            var found = JsonElement.Parse(await mallory.GetStringAsync($"/api/threads?query={query}", Stop));
            Assert.Equal(0, found.GetProperty("items").GetArrayLength());
        }

        Assert.NotEqual(0, JsonElement.Parse(await alice.GetStringAsync($"/api/threads?query={world.OwnersCanary}", Stop)).GetProperty("items").GetArrayLength());
        foreach (var part in (string[])["export?format=md", "export?format=json", "export?format=csv", "messages", "events?after=0", "runs"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await mallory.GetAsync($"/api/threads/{world.IdOf("thread")}/{part}", Stop)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync($"/api/threads/{world.IdOf("thread")}/{part}", Stop)).StatusCode);
        }

        seen.HasNone(world.OwnersCanary);
        own.HasNone(world.OthersCanary);
        own.Has(world.OwnersCanary); // else the mark would prove nothing
    }

    [Fact]
    public async Task A_user_id_that_a_client_sends_is_ignored_wherever_it_stands()
    {
        using var mallory = Recorded(world.Other, out var seen);
        mallory.DefaultRequestHeaders.Add("X-User-Id", world.Owner.UserId.ToString());
        mallory.DefaultRequestHeaders.Add("X-Forwarded-User", world.Owner.Email);
        var id = world.IdOf("thread");
        using var made = await mallory.PostAsJsonAsync("/api/threads", new { id, title = "mine", userId = world.Owner.UserId, user_id = world.Owner.UserId, sub = world.Owner.UserId }, Stop);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode); // the same name in another user's keeping
        using var renamed = await mallory.PatchAsJsonAsync($"/api/threads/{id}", new { title = "changed", id, userId = world.Owner.UserId }, Stop);
        Assert.Equal("changed", (await renamed.ReadAsync(WireJson.Default.ThreadSummary, Stop)).Title);
        Assert.Equal(world.Other.UserId, (await (await mallory.GetAsync("/api/me", Stop)).ReadAsync(WireJson.Default.Account, Stop)).UserId);
        Assert.Equal(HttpStatusCode.NoContent, (await mallory.DeleteAsync($"/api/threads/{id}", Stop)).StatusCode);

        using var alice = Recorded(world.Owner, out _);
        var hers = await (await alice.GetAsync($"/api/threads/{id}", Stop)).ReadAsync(WireJson.Default.ThreadSummary, Stop);
        Assert.Contains(world.OwnersCanary, hers.Title, StringComparison.Ordinal);
        seen.HasNone(world.OwnersCanary);
    }

    [Fact]
    public async Task Asking_with_anothers_file_thread_or_run_tells_nothing_and_begins_ones_own()
    {
        await using var stranger = await world.Platform.SignUpAsync("stranger", Stop);
        using var http = Recorded(stranger, out var seen);
        await using var socket = await RawSocket.OpenAsync(world.Platform, stranger, Stop);
        string[] files = [world.IdOf("file"), world.IdOf("file").ToUpperInvariant(), World.AbsentIdOf("file")];
        var answers = new List<string>();
        foreach (var file in files)
        {
            using var refused = await http.PostAsJsonAsync("/api/agui", Ask("t1", "r1", file), Stop);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            answers.Add((await refused.FingerprintAsync(Stop)).Replace(file, "", StringComparison.OrdinalIgnoreCase));
            var error = await socket.StartAsync($"s-{file}", Ask("t1", "r1", file), Stop);
            Assert.Equal("not_found", error.GetProperty("code").GetString());
        }

        Assert.Single(answers.Distinct());

        // Alice's thread and run, by name: what comes is a run of the stranger's own, from seq 1 on.
        http.DefaultRequestHeaders.TryAddWithoutValidation("Last-Event-ID", "0");
        using var own = await http.PostAsJsonAsync("/api/agui", Ask(world.IdOf("thread"), world.IdOf("run"), null), Stop);
        var events = await own.Content.ReadAsStringAsync(Stop);
        Assert.StartsWith("id: 1\n", events, StringComparison.Ordinal);
        await socket.FollowAsync(world.IdOf("thread"), Stop);
        await socket.EndOfAsync(world.IdOf("run"), Stop);
        seen.HasNone(world.OwnersCanary);
        Assert.DoesNotContain(world.OwnersCanary, string.Concat(socket.Frames.Select(f => f.GetRawText())), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_one_user_does_reaches_no_socket_of_another()
    {
        await using var alice = await RawSocket.OpenAsync(world.Platform, world.Owner, Stop);
        await using var mallory = await RawSocket.OpenAsync(world.Platform, world.Other, Stop);
        await mallory.HelloAsync(Stop);
        foreach (var thread in (string[])[world.IdOf("thread"), $"{world.Owner.UserId}/{world.IdOf("thread")}", $"{world.Owner.UserId:N}{world.IdOf("thread")}"])
        {
            await mallory.FollowAsync(thread, Stop);
            Assert.Equal("not_found", (await mallory.AnswerToAsync($"follow-{thread}", Stop)).GetProperty("code").GetString());
        }

        Assert.Equal("ack", RawSocket.TypeOf(await alice.StartAsync("live", RawSocket.Input($"What can you do? {world.OwnersCanary}", world.IdOf("thread"), "live"), Stop)));
        await alice.EndOfAsync("live", Stop);
        await mallory.SendAsync(new { type = "ping", id = "after" }, Stop);
        await mallory.AnswerToAsync("after", Stop);
        Assert.Contains(world.OwnersCanary, string.Concat(alice.Frames.Select(f => f.GetRawText())), StringComparison.Ordinal);
        Assert.DoesNotContain(world.OwnersCanary, string.Concat(mallory.Frames.Select(f => f.GetRawText())), StringComparison.OrdinalIgnoreCase);
    }

    private static Dictionary<string, object> Ask(string thread, string run, string? file)
    {
        var input = new Dictionary<string, object>
        {
            ["threadId"] = thread,
            ["runId"] = run,
            ["messages"] = (object[])[new { id = "m1", role = "user", content = "What can you do?" }],
        };
        if (file is not null) input["forwardedProps"] = new { fileIds = (string[])[file] };
        return input;
    }

    private static string[] SpellingsOf(string id) =>
    [
        id, id.ToUpperInvariant(), id.ToLowerInvariant(), $"%7B{id}%7D", $"({id})", id.Replace("-", "", StringComparison.Ordinal),
        $"%20{id}", $"{id}%20", $"{id}%00", $"{id}/", $"{id};x", $"{id}%0a",
    ];

    private HttpClient Recorded(TestUser user, out Recording seen)
    {
        seen = new Recording();
        var http = new HttpClient(seen) { BaseAddress = world.Platform.Backend };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", user.AccessToken);
        return http;
    }

    /// <summary>Keeps every answer, headers and all, as it passes.</summary>
    private sealed class Recording() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        private readonly List<string> _answers = [];

        public void HasNone(string canary) => Assert.DoesNotContain(_answers, a => a.Contains(canary, StringComparison.OrdinalIgnoreCase));

        public void Has(string canary) => Assert.Contains(_answers, a => a.Contains(canary, StringComparison.Ordinal));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            _answers.Add($"{answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(cancellationToken)}");
            return answer;
        }
    }
}
