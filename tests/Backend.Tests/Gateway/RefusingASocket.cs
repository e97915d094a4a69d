using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>The table of close codes, each refusal beside a control that is let in.</summary>
public sealed class RefusingASocket(BackendStack platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_is_no_upgrade_gets_426()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(platform.Backend, "/ws"), Stop);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal("upgrade_required", (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_page_of_another_origin_gets_403_and_the_frontends_own_gets_in()
    {
        await using var user = await platform.SignUpAsync("origin", Stop);
        var error = await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(user, o => o.SetRequestHeader("Origin", "https://evil.example")));
        Assert.Contains("403", error.Message, StringComparison.Ordinal);

        foreach (var own in (string[])[$"http://localhost:{platform.Frontend.Port}", $"http://127.0.0.1:{platform.Frontend.Port}"])
        {
            await using var socket = await OpenAsync(user, o => o.SetRequestHeader("Origin", own));
            await socket.HelloAsync(Stop);
        }
    }

    [Fact]
    public async Task A_page_gets_in_at_its_own_address_on_this_machine_and_a_foreign_name_for_it_does_not()
    {
        await using var user = await platform.SignUpAsync("tunnel", Stop);
        // A tunnel brings the page under another port, and what it asks for arrives under the same.
        await using (var socket = await OpenAsync(user, At("localhost:4711"))) await socket.HelloAsync(Stop);
        foreach (var (origin, host) in ((string, string)[])[("evil.example:4711", "evil.example:4711"), ("localhost:4711", "localhost:4712")])
            Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(user, At(origin, host)))).Message, StringComparison.Ordinal);

        static Action<ClientWebSocketOptions> At(string origin, string? host = null) => options =>
        {
            options.SetRequestHeader("Origin", $"http://{origin}");
            options.SetRequestHeader("Host", host ?? origin);
        };
    }

    [Theory]
    [InlineData("", 4001)]
    [InlineData("?token=abc", 4001)]
    [InlineData("?ticket=abc", 4002)]
    public async Task Without_a_good_token_or_ticket_the_socket_is_accepted_and_closed(string query, int code)
    {
        await using var socket = await RawSocket.OpenAsync(new Uri(platform.WebSocket + query), _ => { }, Stop);
        Assert.Equal(code, await socket.ClosedAsync(Stop));
        Assert.Equal("throughline.v1", socket.Protocol);
        Assert.Empty(socket.Frames);
    }

    [Fact]
    public async Task A_token_travels_as_header_or_subprotocol_or_ticket_and_a_ticket_once()
    {
        await using var user = await platform.SignUpAsync("ways", Stop);
        await using var header = await RawSocket.OpenAsync(platform, user, Stop);
        await header.HelloAsync(Stop);
        await using var protocol = await RawSocket.OpenAsync(platform.WebSocket, o => o.AddSubProtocol($"bearer.{user.AccessToken}"), Stop);
        await protocol.HelloAsync(Stop);
        Assert.Equal("throughline.v1", protocol.Protocol);

        using var http = user.CreateHttp(platform.Backend);
        using var answer = await http.PostAsync(new Uri("/api/ws-tickets", UriKind.Relative), null, Stop);
        var ticket = (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("ticket").GetString();
        var url = new Uri($"{platform.WebSocket}?ticket={ticket}");
        await using var first = await RawSocket.OpenAsync(url, _ => { }, Stop);
        await first.HelloAsync(Stop);
        await using var second = await RawSocket.OpenAsync(url, _ => { }, Stop);
        Assert.Equal(4002, await second.ClosedAsync(Stop));
    }

    [Fact]
    public async Task Signing_out_closes_the_sessions_sockets_and_no_others()
    {
        await using var user = await platform.SignUpAsync("revoked", Stop);
        await using var device = await platform.SignInAsync(user.UserId, user.Email, Stop);
        await using var gone = await RawSocket.OpenAsync(platform, user, Stop);
        await using var stays = await RawSocket.OpenAsync(platform, device, Stop);
        await gone.HelloAsync(Stop);
        await stays.HelloAsync(Stop);

        using var auth = user.CreateHttp(platform.Auth);
        using var answer = await auth.PostAsync(new Uri("/auth/logout", UriKind.Relative), null, Stop);
        Assert.Equal(4004, await gone.ClosedAsync(Stop));

        using var backend = user.CreateHttp(platform.Backend);
        Assert.Equal(HttpStatusCode.Unauthorized, (await backend.GetAsync(new Uri("/api/threads", UriKind.Relative), Stop)).StatusCode);
        await stays.SendAsync(new { type = "ping", t = 1 }, Stop);
        await stays.UntilAsync("pong", f => RawSocket.TypeOf(f) == "pong", Stop);
    }

    [Fact]
    public async Task Five_protocol_errors_in_a_row_are_answered_and_the_sixth_closes()
    {
        await using var user = await platform.SignUpAsync("errors", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        string[] wrong = ["{nope", "[]", "{}", """{"type":"nonsense"}""", """{"type":"thread.subscribe","threadId":7}"""];
        foreach (var frame in wrong) await socket.SendTextAsync(frame, Stop);
        await socket.SendTextAsync("""{"t":1,"type":"ping"}""", Stop);
        foreach (var frame in wrong) await socket.SendTextAsync(frame, Stop);
        await socket.SendTextAsync("", Stop);
        Assert.Equal(4005, await socket.ClosedAsync(Stop));
        Assert.Equal(
            ["invalid_json", "invalid_json", "missing_type", "unknown_type", "invalid_field"],
            socket.Frames.Where(f => RawSocket.TypeOf(f) == "error").Select(f => f.GetProperty("code").GetString()).Take(5));
        Assert.Single(socket.Frames, f => RawSocket.TypeOf(f) == "pong");
    }

    [Fact]
    public async Task A_frame_over_256_KiB_closes_with_1009_and_one_of_that_size_is_answered()
    {
        await using var user = await platform.SignUpAsync("big", Stop);
        await using var socket = await RawSocket.OpenAsync(platform, user, Stop);
        var fits = $$"""{"type":"ping","t":"{{new string('x', (256 * 1024) - 22)}}"}""";
        Assert.Equal(256 * 1024, fits.Length);
        await socket.SendTextAsync(fits, Stop);
        await socket.UntilAsync("pong", f => RawSocket.TypeOf(f) == "pong", Stop);
        await socket.SendTextAsync(fits + " ", Stop);
        Assert.Equal(1009, await socket.ClosedAsync(Stop));
    }

    [Fact]
    public async Task The_eleventh_socket_of_a_user_closes_the_oldest()
    {
        await using var user = await platform.SignUpAsync("many", Stop);
        var sockets = new List<RawSocket>();
        for (var i = 0; i < 10; i++)
        {
            sockets.Add(await RawSocket.OpenAsync(platform, user, Stop));
            await sockets[^1].HelloAsync(Stop);
        }

        sockets.Add(await RawSocket.OpenAsync(platform, user, Stop));
        Assert.Equal(4008, await sockets[0].ClosedAsync(Stop));
        await sockets[1].SendAsync(new { type = "ping" }, Stop);
        await sockets[1].UntilAsync("pong", f => RawSocket.TypeOf(f) == "pong", Stop);
        foreach (var socket in sockets) await socket.DisposeAsync();
    }

    private Task<RawSocket> OpenAsync(TestUser user, Action<ClientWebSocketOptions> configure) =>
        RawSocket.OpenAsync(platform.WebSocket, options =>
        {
            options.SetRequestHeader("Authorization", $"Bearer {user.AccessToken}");
            configure(options);
        }, Stop);
}
