using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Client.Accounts;
using Throughline.Client.Problems;
using Throughline.Client.Tokens;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Frontend.Tests.Sessions;

/// <summary>A frontend and an auth process, and browsers: an HTTP client with cookies that sends its page's Origin.</summary>
public sealed class SignInSite : IAsyncLifetime
{
    public const string Password = "Correct-Horse-7-Battery";

    private readonly StateFolder _state = new();
    private RunningService? _store;
    private RunningService? _auth;
    private RunningService? _frontend;

    public Uri Address => _frontend!.Address;

    public async ValueTask InitializeAsync()
    {
        _frontend = await RunningService.StartAsync("frontend", _state, new Dictionary<string, string>(), CancellationToken.None);
        var issuer = new Dictionary<string, string> { ["Auth__Issuer"] = Address.GetLeftPart(UriPartial.Authority) };
        _store = await RunningService.StartAsync("store", _state, new Dictionary<string, string>(), CancellationToken.None);
        _auth = await RunningService.StartAsync("auth", _state, issuer, CancellationToken.None);
        // The proxy follows discovery within a second; until then sign-ups answer `unavailable`.
        using var http = Browser();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await look.WaitForNextTickAsync() && (await http.GetAsync("/.well-known/jwks")).StatusCode == HttpStatusCode.ServiceUnavailable)
        {
        }
    }

    /// <summary>Lets auth take another name. What knows its old one is refused by it.</summary>
    public async Task RenameAuthAsync(string issuer)
    {
        await _auth!.DisposeAsync();
        _auth = await RunningService.StartAsync("auth", _state, new Dictionary<string, string> { ["Auth__Issuer"] = issuer }, CancellationToken.None);
    }

    /// <summary>The first line of the frontend's log with these words, as soon as it is there.</summary>
    public Task<string> LoggedAsync(string words, CancellationToken cancellationToken) => _frontend!.SaysAsync(words, cancellationToken);

    public HttpClient Browser(CookieContainer? cookies = null) =>
        new(new SocketsHttpHandler { CookieContainer = cookies ?? new CookieContainer() })
        {
            BaseAddress = Address,
            DefaultRequestHeaders = { { "Origin", Address.GetLeftPart(UriPartial.Authority) }, { "User-Agent", "Browser/1" } },
        };

    public async Task<LoginRequest> NewUserAsync(CancellationToken cancellationToken)
    {
        using var http = Browser();
        var email = $"{Guid.NewGuid():N}@example.com";
        await new AccountClient(http, new FixedToken("")).SignUpAsync(new SignUpRequest(email, Password, "Ada"), cancellationToken);
        return new LoginRequest(email, Password);
    }

    public async ValueTask DisposeAsync()
    {
        if (_auth is not null)
            await _auth.DisposeAsync();
        if (_frontend is not null)
            await _frontend.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        _state.Dispose();
    }
}

public sealed class SigningInFromTheBrowser(SignInSite site) : IClassFixture<SignInSite>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_browser_gets_an_access_token_and_a_cookie_that_no_script_reads()
    {
        var login = await site.NewUserAsync(Stop);
        using var http = site.Browser();
        using var answer = await SendAsync(http, HttpMethod.Post, "/session", $$"""{"email":"{{login.Email}}","password":"{{login.Password}}"}""");
        var session = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal((login.Email, 3), ((string)session["user"]!["email"]!, ((string)session["accessToken"]!).Split('.').Length));
        Assert.Null(session["refreshToken"]);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        AssertGuarded(cookie);
    }

    [Fact]
    public async Task A_step_that_auth_refuses_for_no_fault_of_the_user_is_told_and_explained_in_the_log()
    {
        await using var own = new SignInSite();
        await own.InitializeAsync();
        var login = await own.NewUserAsync(Stop);
        using var http = own.Browser();
        var body = $$"""{"email":"{{login.Email}}","password":"{{login.Password}}"}""";
        using (var before = await SendAsync(http, HttpMethod.Post, "/session", body)) Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await own.RenameAuthAsync("https://elsewhere.example");

        using var answer = await SendAsync(http, HttpMethod.Post, "/session", body);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal("bad_gateway", (string?)problem["code"]);
        var line = await own.LoggedAsync($"trace {(string)problem["traceId"]!}: auth answered 400 ", Stop);
        Assert.Contains("redirect_uri", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cookie_stays_as_guarded_when_it_is_renewed_and_when_it_is_taken_back()
    {
        var login = await site.NewUserAsync(Stop);
        var cookies = new CookieContainer();
        using var http = site.Browser(cookies);
        await new BrowserSessionClient(http).SignInAsync(login, Stop);
        using var renewed = await SendAsync(http, HttpMethod.Post, "/session/refresh", "{}");
        AssertGuarded(Assert.Single(renewed.Headers.GetValues("Set-Cookie")));
        using var ended = await SendAsync(http, HttpMethod.Delete, "/session", "{}");
        var last = Assert.Single(ended.Headers.GetValues("Set-Cookie"));
        AssertGuarded(last);
        Assert.Contains("max-age=0", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_takes_the_session_up_and_signing_out_ends_it_everywhere()
    {
        var login = await site.NewUserAsync(Stop);
        var cookies = new CookieContainer();
        using var http = site.Browser(cookies);
        var first = new BrowserSessionClient(http);
        await first.SignInAsync(login, Stop);

        var reloaded = new BrowserSessionClient(http);
        Assert.Equal(login.Email, (await reloaded.RestoreAsync(Stop))?.Email);
        var device = Assert.Single((await new AccountClient(http, reloaded).ListSessionsAsync(Stop)).Items);
        Assert.Equal(("Browser/1", true), (device.UserAgent, device.Current));

        var token = await reloaded.GetAsync(Stop);
        await reloaded.SignOutAsync(Stop);
        Assert.Null(await new BrowserSessionClient(http).RestoreAsync(Stop));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var refused = await http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Two_tabs_that_refresh_at_once_both_go_on()
    {
        var login = await site.NewUserAsync(Stop);
        var cookies = new CookieContainer();
        using var http = site.Browser(cookies);
        await new BrowserSessionClient(http).SignInAsync(login, Stop);

        var tabs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => new BrowserSessionClient(http).RestoreAsync(Stop)));
        Assert.Equal([login.Email, login.Email], tabs.Select(user => user?.Email));
        Assert.Equal(login.Email, (await new BrowserSessionClient(http).RestoreAsync(Stop))?.Email);
    }

    [Fact]
    public async Task A_passkey_signs_in_on_the_public_origin()
    {
        var login = await site.NewUserAsync(Stop);
        using var http = site.Browser();
        var browser = new BrowserSessionClient(http);
        await browser.SignInAsync(login, Stop);
        using var passkey = new SoftwareAuthenticator(site.Address.GetLeftPart(UriPartial.Authority));
        var token = await browser.GetAsync(Stop);
        var creation = await AskAsync("/auth/passkeys/options", new JsonObject { ["password"] = login.Password }, token);
        await AskAsync("/auth/passkeys", new JsonObject { ["state"] = creation.State, ["credential"] = passkey.Create(creation.Options) }, token);

        using var other = site.Browser();
        var request = await AskAsync("/auth/passkeys/login/options", [], null);
        passkey.Counter++;
        var answer = new JsonObject { ["state"] = request.State, ["credential"] = passkey.Get(request.Options) }.ToJsonString();
        using var signedIn = await SendAsync(other, HttpMethod.Post, "/session/passkey", answer);
        var session = JsonNode.Parse(await signedIn.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal((200, login.Email), ((int)signedIn.StatusCode, (string)session["user"]!["email"]!));
        Assert.Contains("path=/session", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        using var again = await SendAsync(other, HttpMethod.Post, "/session/passkey", answer);
        Assert.Equal((401, "invalid_credentials"), ((int)again.StatusCode, (string)JsonNode.Parse(await again.Content.ReadAsStringAsync(Stop))!["code"]!));
        Assert.Equal(login.Email, (await new BrowserSessionClient(other).RestoreAsync(Stop))?.Email);

        async Task<(string State, JsonElement Options)> AskAsync(string path, JsonObject body, string? token)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
            if (token is not null) ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await http.SendAsync(ask, Stop);
            var text = await response.Content.ReadAsStringAsync(Stop);
            Assert.True(response.IsSuccessStatusCode, text);
            var json = JsonDocument.Parse(text).RootElement;
            return json.TryGetProperty("state", out var state) ? (state.GetString()!, json.GetProperty("options")) : ("", json);
        }
    }

    [Fact]
    public async Task Auths_own_words_reach_the_browser()
    {
        var login = await site.NewUserAsync(Stop);
        using var http = site.Browser();
        var refusal = await Assert.ThrowsAsync<ProtocolException>(
            () => new BrowserSessionClient(http).SignInAsync(login with { Password = "not-the-password-1" }, Stop));
        Assert.Equal((401, "invalid_credentials"), (refusal.Status, refusal.Code));
        Assert.NotNull(refusal.TraceId);
    }

    [Fact]
    public async Task A_native_program_signs_in_through_the_public_origin()
    {
        var login = await site.NewUserAsync(Stop);
        using var signIn = new NativeSignIn(site.Address);
        var saved = new SavedLogin(signIn, await signIn.LogInAsync(login, Stop));
        using var http = new HttpClient { BaseAddress = site.Address };
        var account = new AccountClient(http, saved);
        Assert.Equal(login.Email, (await account.GetAsync(Stop)).Email);
        Assert.NotNull(await saved.RenewAsync((await saved.GetAsync(Stop))!, Stop));
        await saved.LogOutAsync(Stop);
        Assert.True((await Assert.ThrowsAsync<ProtocolException>(() => account.GetAsync(Stop))).IsSignedOut);
    }

    private static void AssertGuarded(string cookie)
    {
        foreach (var attribute in new[] { "path=/session", "httponly", "samesite=strict" })
            Assert.Contains(attribute, cookie, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Throughline", "1");
        return await http.SendAsync(request, Stop);
    }
}
