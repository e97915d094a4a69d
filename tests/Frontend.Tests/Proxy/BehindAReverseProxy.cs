using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Throughline.Frontend.Tests.Proxy;

/// <summary>A frontend with a public origin, whose TLS somebody in front of it ends.</summary>
public sealed class BehindAReverseProxy
{
    private const string Public = "https://spend.example.com";
    private static readonly string Name = new Uri(Public).Host;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_names_the_public_origin_came_by_https_and_other_names_are_unknown()
    {
        await using var site = await Site.StartAsync();

        using var answer = await site.AskAsync("/", Name);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["max-age=31536000"], answer.Headers.GetValues("Strict-Transport-Security"));
        Assert.Contains($"wss://{Name};", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var passedOn = await site.PassedOnAsync(Name);
        Assert.Equal((Name, "https"), (passedOn["x-forwarded-host"], passedOn["x-forwarded-proto"]));

        using var here = await site.AskAsync("/", null);
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        Assert.False(here.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal("http", (await site.PassedOnAsync(null))["x-forwarded-proto"]);

        using var other = await site.AskAsync("/", "other.example.com");
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
        Assert.Contains("--origin", await other.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_pages_are_those_of_the_public_origin()
    {
        await using var site = await Site.StartAsync();
        Assert.NotEqual(HttpStatusCode.Forbidden, await SignInFromAsync(Public));
        Assert.Equal(HttpStatusCode.Forbidden, await SignInFromAsync("https://evil.example"));

        async Task<HttpStatusCode> SignInFromAsync(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/session") { Content = JsonContent.Create(new { email = "a@example.com", password = "-" }) };
            request.Headers.Host = Name;
            request.Headers.Add("Origin", origin);
            request.Headers.Add("X-Throughline", "1");
            using var answer = await site.Http.SendAsync(request, Stop);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Who_asks_is_believed_of_a_proxy_that_is_named_and_of_nobody_else()
    {
        await using var trusting = await Site.StartAsync(("Frontend__ReverseProxies__0", "127.0.0.1"), ("Frontend__ReverseProxies__1", "::1"));
        await using var wary = await Site.StartAsync(("Frontend__ReverseProxies__0", "192.0.2.7"));
        await using var alone = await Site.StartAsync();

        // The last address is what the proxy saw; what stands before it, its client said.
        Assert.Equal("203.0.113.9", await SeenAsync(trusting));
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(await SeenAsync(wary))));
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(await SeenAsync(alone))));

        static async Task<string> SeenAsync(Site site) => (await site.PassedOnAsync(Name, "198.51.100.1, 203.0.113.9"))["x-forwarded-for"];
    }

    [Theory]
    [InlineData("0.0.0.0", Public, "spend.example.com")]
    [InlineData("0.0.0.0", "http://localhost:3000", "127.0.0.1")]
    [InlineData("::", "http://localhost:3000", "[::1]")]
    [InlineData("127.0.0.1", Public, "localhost")]
    public async Task With_a_certificate_the_record_names_what_can_be_called(string listens, string issuer, string named)
    {
        using var state = new StateFolder();
        var certificate = Path.Combine(state.Root, "own.pfx");
        using var own = Certificates.SelfSigned(Name);
        await File.WriteAllBytesAsync(certificate, own.Export(X509ContentType.Pkcs12), Stop);
        await using var frontend = await RunningService.StartAsync(
            "frontend", state, new Dictionary<string, string> { ["Listen__Host"] = listens, ["Auth__Issuer"] = issuer, ["Frontend__Certificate"] = certificate }, Stop);

        var record = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state.Root, ".service_discovery", "frontend.json"), Stop))!;
        Assert.Equal($"https://{named}:{record["port"]}", (string?)record["api_url"]);
        Assert.Equal($"https://{named}:{record["port"]}/health/ready", (string?)record["health_url"]);
    }

    private sealed class Site : IAsyncDisposable
    {
        private readonly StateFolder _state = new();
        private RunningService _frontend = null!;
        private Origin _backend = null!;

        public HttpClient Http { get; private set; } = null!;

        public static async Task<Site> StartAsync(params (string Key, string Value)[] settings)
        {
            var site = new Site { _backend = await Origin.StartAsync() };
            var all = new Dictionary<string, string> { ["Services__backend"] = site._backend.Address, ["Auth__Issuer"] = Public };
            foreach (var (key, value) in settings) all[key] = value;
            site._frontend = await RunningService.StartAsync("frontend", site._state, all, Stop);
            site.Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = site._frontend.Address };
            return site;
        }

        /// <param name="host">As which name it is asked; null for the one of this machine.</param>
        /// <param name="forwardedFor">What comes with it as X-Forwarded-For.</param>
        public async Task<HttpResponseMessage> AskAsync(string path, string? host, string? forwardedFor = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            if (forwardedFor is not null) request.Headers.Add("X-Forwarded-For", forwardedFor);
            return await Http.SendAsync(request, Stop);
        }

        /// <returns>The headers that reach the backend.</returns>
        public async Task<IReadOnlyDictionary<string, string>> PassedOnAsync(string? host, string? forwardedFor = null)
        {
            using var answer = await AskAsync("/api/headers", host, forwardedFor);
            return (await answer.Content.ReadFromJsonAsync<Dictionary<string, string>>(Stop))!;
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await _frontend.DisposeAsync();
            await _backend.DisposeAsync();
            _state.Dispose();
        }
    }
}
