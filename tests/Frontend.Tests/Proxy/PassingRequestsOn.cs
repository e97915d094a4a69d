using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Throughline.Frontend.Tests.Proxy;

public sealed class PassingRequestsOn(PublicOriginFixture site) : IClassFixture<PublicOriginFixture>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_names_the_instance_that_made_it()
    {
        using var proxied = await site.Http.GetAsync("/api/headers", Stop);
        Assert.Equal([Origin.Instance], proxied.Headers.GetValues("Throughline-Instance"));
        using var own = await site.Http.GetAsync("/health/live", Stop);
        Assert.NotEqual([Origin.Instance], own.Headers.GetValues("Throughline-Instance"));
    }

    [Fact]
    public async Task What_a_client_claims_about_itself_is_replaced_by_what_was_seen()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/headers");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("Forwarded", "for=203.0.113.9");
        request.Headers.Add("X-Real-IP", "203.0.113.9");
        request.Headers.Add("Throughline-Frontend", "guess");
        using var answer = await site.Http.SendAsync(request, Stop);
        var seen = (await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>(Stop))!;

        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(seen["x-forwarded-for"])), seen["x-forwarded-for"]);
        Assert.Equal(site.Http.BaseAddress!.Authority, seen["x-forwarded-host"]);
        Assert.Equal("http", seen["x-forwarded-proto"]);
        Assert.False(seen.ContainsKey("forwarded") || seen.ContainsKey("x-real-ip"));
        Assert.NotEqual("guess", seen["throughline-frontend"]);
    }

    [Fact]
    public async Task Events_arrive_when_they_are_sent_not_when_the_answer_ends()
    {
        using var answer = await Sent();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.Equal("id: 1", await reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop));
        site.Backend.NextEvent.Release();
        Assert.Contains("id: 2", await reader.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop));

        Task<HttpResponseMessage> Sent()
        {
            site.Backend.NextEvent.Release(); // one event, and then the origin waits until the client has read it
            return site.Http.GetAsync("/api/stream", HttpCompletionOption.ResponseHeadersRead, Stop);
        }
    }

    [Fact]
    public async Task A_body_larger_than_the_servers_own_limit_passes()
    {
        const int Size = 64 * 1024 * 1024; // Kestrel's default limit is 30 MB
        using var answer = await site.Http.PostAsync("/api/count", new ByteArrayContent(new byte[Size]), Stop);
        Assert.Equal($"{Size}", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_socket_keeps_its_origin_subprotocol_and_close_code()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        socket.Options.SetRequestHeader("Origin", "http://page.example");
        await socket.ConnectAsync(new UriBuilder(site.Http.BaseAddress!) { Scheme = "ws", Path = "/ws" }.Uri, Stop);
        var buffer = new byte[256];
        var first = await socket.ReceiveAsync(buffer, Stop);
        Assert.Equal("http://page.example", Encoding.UTF8.GetString(buffer, 0, first.Count));
        Assert.Equal("throughline.v1", socket.SubProtocol);
        await socket.ReceiveAsync(buffer, Stop);
        Assert.Equal((4004, "session revoked"), ((int)socket.CloseStatus!, socket.CloseStatusDescription));
    }

    [Fact]
    public async Task A_service_that_is_away_is_said_in_words_with_a_time_to_come_back()
    {
        using var answer = await site.Http.GetAsync("/auth/me", Stop);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "application/problem+json", "unavailable", "The auth service is not running at the moment.", TimeSpan.FromSeconds(1)),
            (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, (string)problem["code"]!, (string)problem["title"]!, answer.Headers.RetryAfter!.Delta));
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/session/nothing")]
    [InlineData("/health/nothing")]
    [InlineData("/_framework/nothing.js")]
    public async Task What_does_not_exist_is_no_page_of_the_app(string path)
    {
        using var answer = await site.Http.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        if (!path.StartsWith("/api", StringComparison.Ordinal)) // there the origin answers, and this one has no problem documents
            Assert.Equal("not_found", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["code"]!);
    }

    [Fact]
    public async Task Addresses_that_the_app_routes_get_its_page_with_a_policy_that_keeps_foreign_scripts_out()
    {
        using var page = await site.Http.GetAsync("/threads/abc", Stop);
        Assert.Equal(("text/html", "no-cache"), (page.Content.Headers.ContentType!.MediaType, page.Headers.CacheControl!.ToString()));
        var policy = page.Headers.GetValues("Content-Security-Policy").Single().Split("; ").Select(directive => directive.Split(' ', 2)).ToDictionary(d => d[0], d => d[1]);
        Assert.Equal(
            ("'none'", "'self' 'wasm-unsafe-eval'", "'self'", "'none'", "'none'"),
            (policy["default-src"], policy["script-src"], policy["style-src"], policy["object-src"], policy["frame-ancestors"]));
        Assert.Equal(["style-src-attr"], policy.Where(directive => directive.Value.Contains("'unsafe-inline'", StringComparison.Ordinal)).Select(directive => directive.Key));
        foreach (var (header, value) in new[] { ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin") })
            Assert.Equal([value], page.Headers.GetValues(header));
    }

    [Fact]
    public async Task A_foreign_name_for_this_machine_gets_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/headers") { Headers = { Host = "rebound.example" } };
        using var answer = await site.Http.SendAsync(request, Stop);
        Assert.Equal("unknown_host", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["code"]!);
    }
}
