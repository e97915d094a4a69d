using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Throughline.Backend.Tests.Files;
using Throughline.Backend.Tests.Runs;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users;

/// <summary>A key is taken wherever a sign-in's token is, as far as its scopes go and as long as it is good.</summary>
public sealed class BringingAnApiKey(BackendStack platform)
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_opens_every_surface_directly_and_through_the_public_origin()
    {
        await using var user = await platform.SignUpAsync("holder", Stop);
        var key = await CreateAsync(user, "api");
        foreach (var origin in (Uri[])[platform.Backend, platform.Frontend])
        {
            using var http = origin.Bringing(key.Key);
            Assert.Equal(user.UserId, (await (await http.GetAsync("/api/me", Stop)).ReadAsync(WireJson.Default.Account, Stop)).UserId);
            using var form = Uploads.Form($"{origin.Port}.csv", Uploads.Trace(5));
            using var upload = await http.PostAsync("/api/files", form, Stop);
            Assert.Equal(HttpStatusCode.Created, upload.StatusCode);
            using var run = await http.PostAsJsonAsync("/api/agui", Ask("What can you do?"), WireJson.Default.RunAgentInput, Stop);
            Assert.Equal("text/event-stream", run.Content.Headers.ContentType?.MediaType);
            Assert.Contains("RUN_FINISHED", await run.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            using var auth = (origin == platform.Backend ? platform.Auth : origin).Bringing(key.Key);
            using var me = await auth.GetAsync("/auth/me", Stop);
            Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        }

        using var backend = platform.Backend.Bringing(key.Key);
        var ticket = await (await backend.PostAsync("/api/ws-tickets", null, Stop)).ReadAsync(WireJson.Default.WebSocketTicket, Stop);
        await using var byHeader = await ByHeaderAsync(key);
        await using var byProtocol = await RawSocket.OpenAsync(platform.WebSocket, o => o.AddSubProtocol($"bearer.{key.Key}"), Stop);
        await using var byTicket = await RawSocket.OpenAsync(new Uri($"{platform.WebSocket}?ticket={ticket.Ticket}"), _ => { }, Stop);
        foreach (var socket in (RawSocket[])[byHeader, byProtocol, byTicket])
        {
            var hello = await socket.HelloAsync(Stop);
            Assert.Equal((user.UserId, key.Summary.Id), (hello.GetProperty("userId").GetGuid(), hello.GetProperty("sessionId").GetGuid()));
            Assert.Equal("throughline.v1", socket.Protocol);
        }

        await byHeader.SendAsync(new { type = "auth.refresh", id = "renew", token = key.Key }, Stop);
        Assert.Equal("ack", RawSocket.TypeOf(await byHeader.AnswerToAsync("renew", Stop)));
        Assert.Equal("ack", RawSocket.TypeOf(await byTicket.StartAsync("run", RawSocket.Input("What can you do?", "thread", "run"), Stop)));
        await byTicket.EndOfAsync("run", Stop);
        // A key is a session of its own: not even its own user's other one takes its place.
        await byProtocol.SendAsync(new { type = "auth.refresh", id = "swap", token = user.AccessToken }, Stop);
        Assert.Equal(4002, await byProtocol.ClosedAsync(Stop));
    }

    [Fact]
    public async Task One_for_reading_changes_nothing_and_one_for_the_account_sees_no_data()
    {
        await using var user = await platform.SignUpAsync("scopes", Stop);
        using var own = user.CreateHttp(platform.Backend);
        using var made = await own.PostAsJsonAsync("/api/threads", new CreateThread(Id: "t"), WireJson.Default.CreateThread, Stop);
        var (read, account) = (await CreateAsync(user, "api.read"), await CreateAsync(user, "account"));
        using var reading = platform.Backend.Bringing(read.Key);
        foreach (var path in (string[])["/api/threads/t", "/api/threads/t/export", "/api/files", "/api/limits"])
            Assert.Equal(HttpStatusCode.OK, (await reading.GetAsync(path, Stop)).StatusCode);
        HttpRequestMessage[] changes =
        [
            new(HttpMethod.Post, "/api/threads"), new(HttpMethod.Patch, "/api/threads/t") { Content = JsonContent.Create(new { title = "x" }) }, new(HttpMethod.Delete, "/api/threads/t"),
            new(HttpMethod.Post, "/api/ws-tickets"), new(HttpMethod.Post, "/api/agui") { Content = JsonContent.Create(Ask("?"), WireJson.Default.RunAgentInput) },
            new(HttpMethod.Post, "/api/files/sample"),
        ];
        foreach (var change in changes)
        {
            using var refused = await reading.SendAsync(change, Stop);
            Assert.Equal("insufficient_scope", await refused.CodeOfAsync(HttpStatusCode.Forbidden, Stop));
            Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"api\"", refused.Headers.WwwAuthenticate.ToString());
        }

        await using (var socket = await ByHeaderAsync(read))
        {
            await socket.FollowAsync("t", Stop);
            Assert.Equal("subscribed", RawSocket.TypeOf(await socket.AnswerToAsync("follow-t", Stop)));
            foreach (var frame in (object[])[new { type = "run.cancel", id = "x", runId = "r" }, new { type = "run.resume", id = "y", threadId = "t", resume = Array.Empty<object>() }])
                await socket.SendAsync(frame, Stop);
            await socket.StartAsync("z", RawSocket.Input("What can you do?", "t"), Stop);
            foreach (var id in (string[])["x", "y", "z"])
                Assert.Equal("insufficient_scope", (await socket.AnswerToAsync(id, Stop)).GetProperty("code").GetString());
            await socket.SendAsync(new { type = "auth.refresh", id = "renew", token = read.Key }, Stop);
            Assert.Equal("ack", RawSocket.TypeOf(await socket.AnswerToAsync("renew", Stop)));
            await socket.SendAsync(new { type = "ping", id = "p" }, Stop);
            await socket.AnswerToAsync("p", Stop);
        }

        using var forAccount = platform.Backend.Bringing(account.Key);
        Assert.Equal("insufficient_scope", await (await forAccount.GetAsync("/api/threads", Stop)).CodeOfAsync(HttpStatusCode.Forbidden, Stop));
        await using var closed = await ByHeaderAsync(account);
        Assert.Equal((4002, "invalid token: insufficient_scope"), (await closed.ClosedAsync(Stop), closed.CloseText));
        using var auth = platform.Auth.Bringing(account.Key);
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/sessions", Stop)).StatusCode);
    }

    [Fact]
    public async Task Revoked_its_sockets_close_and_its_requests_are_refused_within_a_second_and_no_other_keys()
    {
        await using var user = await platform.SignUpAsync("revoked", Stop);
        var (gone, kept) = (await CreateAsync(user, "api"), await CreateAsync(user, "api"));
        using var http = platform.Backend.Bringing(gone.Key);
        await using var socket = await ByHeaderAsync(gone);
        await using var stays = await ByHeaderAsync(kept);
        await socket.HelloAsync(Stop);
        await stays.HelloAsync(Stop);

        using var auth = user.CreateHttp(platform.Auth);
        var began = Stopwatch.GetTimestamp();
        using var revoked = await auth.DeleteAsync($"/auth/api-keys/{gone.Summary.Id}", Stop);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        var answered = Stopwatch.GetTimestamp();
        Assert.Equal((4004, "session revoked"), (await socket.ClosedAsync(Stop), socket.CloseText));
        var closed = Stopwatch.GetElapsedTime(answered);
        while ((await http.GetAsync("/api/threads", Stop)).StatusCode != HttpStatusCode.Unauthorized)
            Assert.True(Stopwatch.GetElapsedTime(answered) < Promise, "The key is still taken.");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"revoking took {Stopwatch.GetElapsedTime(began, answered).TotalMilliseconds:F0} ms; closed {closed.TotalMilliseconds:F0} ms after, refused after {Stopwatch.GetElapsedTime(answered).TotalMilliseconds:F0} ms");
        Assert.True(closed < Promise, $"Closed after {closed.TotalMilliseconds} ms.");

        await using var again = await ByHeaderAsync(gone);
        Assert.Equal((4002, "invalid token: revoked"), (await again.ClosedAsync(Stop), again.CloseText));
        await stays.SendAsync(new { type = "ping", id = "p" }, Stop);
        await stays.AnswerToAsync("p", Stop);
    }

    [Fact]
    public async Task Revoked_it_loses_the_answer_and_the_upload_that_are_under_way()
    {
        await using var user = await platform.SignUpAsync("cut", Stop);
        var key = await CreateAsync(user, "api");
        using var http = platform.Backend.Bringing(key.Key);
        var file = await LongRun.UploadAsync(http, Stop);
        // The second waits for the first, so its answer is open for long.
        using var first = await StreamAsync(http, LongRun.Input("t", "first", file));
        using var second = await StreamAsync(http, LongRun.Input("t", "second", file));
        using var events = new StreamReader(await second.Content.ReadAsStreamAsync(Stop));
        using var form = new MultipartFormDataContent { { new EndlessContent(), "file", "endless.csv" } };
        var upload = http.PostAsync("/api/files", form, Stop);
        await ((EndlessContent)form.Single()).Sent.WaitAsync(Stop);
        Assert.False(upload.IsCompleted);

        using var auth = user.CreateHttp(platform.Auth);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/api-keys/{key.Summary.Id}", Stop)).StatusCode);
        var answered = Stopwatch.GetTimestamp();

        var told = new StringBuilder();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await events.ReadLineAsync(Stop) is { } line) told.Append(line);
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => upload.WaitAsync(Promise, Stop));
        var cut = Stopwatch.GetElapsedTime(answered);
        Assert.True(cut < Promise, $"Cut after {cut.TotalMilliseconds} ms.");
        Assert.DoesNotContain("RUN_FINISHED", told.ToString(), StringComparison.Ordinal);
        using var own = user.CreateHttp(platform.Backend);
        var files = await (await own.GetAsync("/api/files", Stop)).ReadAsync(WireJson.Default.PageUsageFile, Stop);
        Assert.Equal([file], files.Items.Select(f => f.Id));
    }

    [Fact]
    public async Task Expired_it_is_refused_and_its_open_socket_ends()
    {
        await using var user = await platform.SignUpAsync("expired", Stop);
        using var auth = user.CreateHttp(platform.Auth);
        using var made = await auth.PostAsJsonAsync("/auth/api-keys", new NewApiKey("brief", ExpiresAt: TimeProvider.System.GetUtcNow().AddSeconds(4)), WireJson.Default.NewApiKey, Stop);
        var key = await made.ReadAsync(WireJson.Default.CreatedApiKey, Stop);
        using var http = platform.Backend.Bringing(key.Key);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", Stop)).StatusCode);

        await using var socket = await ByHeaderAsync(key);
        Assert.Equal(4003, await socket.ClosedAsync(Stop));
        Assert.Equal("invalid_token", await (await http.GetAsync("/api/threads", Stop)).CodeOfAsync(HttpStatusCode.Unauthorized, Stop));
        await using var late = await ByHeaderAsync(key);
        Assert.Equal((4002, "invalid token: expired"), (await late.ClosedAsync(Stop), late.CloseText));
    }

    [Fact]
    public async Task It_ends_with_its_user()
    {
        await using var user = await platform.SignUpAsync("deleted", Stop);
        var key = await CreateAsync(user, "api");
        using var http = platform.Backend.Bringing(key.Key);
        await using var socket = await ByHeaderAsync(key);
        await socket.HelloAsync(Stop);
        using var auth = user.CreateHttp(platform.Auth);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", Stop)).StatusCode);
        Assert.Equal(4004, await socket.ClosedAsync(Stop));
        Assert.Equal("invalid_token", await (await http.GetAsync("/api/threads", Stop)).CodeOfAsync(HttpStatusCode.Unauthorized, Stop));
    }

    private static Task<HttpResponseMessage> StreamAsync(HttpClient http, object input)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/agui") { Content = JsonContent.Create(input) };
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    private static RunAgentInput Ask(string question) => new(Messages: [new AgUiMessage("m1", "user", JsonSerializer.SerializeToElement(question))]);

    private Task<RawSocket> ByHeaderAsync(CreatedApiKey key) =>
        RawSocket.OpenAsync(platform.WebSocket, o => o.SetRequestHeader("Authorization", new AuthenticationHeaderValue("Bearer", key.Key).ToString()), Stop);

    private async Task<CreatedApiKey> CreateAsync(TestUser user, params string[] scopes)
    {
        using var auth = user.CreateHttp(platform.Auth);
        return await auth.CreateKeyAsync(Stop, scopes);
    }

    /// <summary>A file that goes on for as long as it is taken.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Sent => _sent.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            do
            {
                await stream.WriteAsync(Uploads.Trace(100), cancellationToken);
                await stream.FlushAsync(cancellationToken);
                _sent.TrySetResult();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
