using System.Net;
using System.Text.Json;
using System.Web;

namespace Throughline.Auth.Tests.TokenEndpoints;

public sealed class Authorizing(SqliteAuth platform)
{
    [Fact]
    public async Task A_token_says_what_the_protocol_promises()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();

        var claims = tokens.Claims;

        Assert.Equal(
            ["aud", "client_id", "email", "exp", "iat", "iss", "jti", "name", "nbf", "role", "scope", "sid", "sub", "tier"],
            claims.EnumerateObject().Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            (AuthProcess.Issuer, "throughline", user.UserId.ToString(), AuthClient.Client, user.Email, "Maya", "free", "user", "openid offline_access api"),
            (Text("iss"), Text("aud"), Text("sub"), Text("client_id"), Text("email"), Text("name"), Text("tier"), Text("role"), Text("scope")));
        Assert.Equal(15 * 60, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        string? Text(string name) => claims.GetProperty(name).GetString();
    }

    [Fact]
    public async Task The_discovery_document_agrees_with_what_is_served()
    {
        var auth = await platform.ClientAsync();
        var document = (await auth.GetAsync("/.well-known/openid-configuration")).Json;
        Assert.Equal(AuthProcess.Issuer, document.GetProperty("issuer").GetString());
        Assert.Equal($"{AuthProcess.Issuer}/.well-known/jwks", document.GetProperty("jwks_uri").GetString());
        Assert.Equal(["S256"], Texts("code_challenge_methods_supported"));
        Assert.Equal(
            ["authorization_code", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"], Texts("grant_types_supported").Order());
        Assert.EndsWith("/connect/device", document.GetProperty("device_authorization_endpoint").GetString(), StringComparison.Ordinal);
        var key = (await auth.GetAsync("/.well-known/jwks")).Json.GetProperty("keys").EnumerateArray().Single();
        Assert.Equal(("EC", "ES256", "sig"), (key.GetProperty("kty").GetString(), key.GetProperty("alg").GetString(), key.GetProperty("use").GetString()));
        Assert.False(key.TryGetProperty("d", out _));
        IEnumerable<string?> Texts(string name) => document.GetProperty(name).EnumerateArray().Select(v => v.GetString());
    }

    [Fact]
    public async Task Without_a_sign_in_the_way_leads_to_the_sign_in_page_and_back()
    {
        var auth = await platform.ClientAsync();
        var challenge = AuthClient.NewPkce().Challenge;
        var page = new Uri((await auth.AuthorizeAsync(null, challenge)).Location);
        Assert.Equal($"{AuthProcess.Issuer}/sign-in", page.GetLeftPart(UriPartial.Path));
        var back = HttpUtility.ParseQueryString(page.Query)["return"]!;
        Assert.StartsWith("/connect/authorize?", back, StringComparison.Ordinal);
        Assert.Equal(challenge, HttpUtility.ParseQueryString(back)["code_challenge"]);

        var silent = await auth.AuthorizeAsync(null, challenge, ("prompt", "none"));
        Assert.Equal("login_required", HttpUtility.ParseQueryString(new Uri(silent.Location).Query)["error"]);
    }

    [Theory]
    [InlineData("redirect_uri", "http://evil.example/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:47113/other")]
    [InlineData("redirect_uri", "http://127.0.0.1.evil.example/callback")]
    [InlineData("client_id", "nobody")]
    public async Task A_request_that_cannot_be_trusted_is_not_answered_by_redirect(string name, string value)
    {
        var auth = await platform.ClientAsync();
        var cookie = await auth.LogInAsync((await auth.SignUpAsync()).Email);
        var answer = await auth.AuthorizeAsync(cookie, AuthClient.NewPkce().Challenge, (name, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    [Theory]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("code_challenge_method", "")]
    [InlineData("code_challenge", "")]
    [InlineData("response_type", "token")]
    public async Task Nothing_but_a_code_with_S256_is_given(string name, string value)
    {
        var auth = await platform.ClientAsync();
        var cookie = await auth.LogInAsync((await auth.SignUpAsync()).Email);
        var answer = await auth.AuthorizeAsync(cookie, AuthClient.NewPkce().Challenge, (name, value));
        Assert.True(
            answer.Status == HttpStatusCode.BadRequest
            || (answer.Status == HttpStatusCode.Redirect && answer.Location.Contains("error=", StringComparison.Ordinal)), answer.Body);
    }

    [Fact]
    public async Task A_code_is_good_once_for_its_verifier_on_any_port()
    {
        var auth = await platform.ClientAsync();
        var cookie = await auth.LogInAsync((await auth.SignUpAsync()).Email);
        var (verifier, challenge) = AuthClient.NewPkce();

        var foreign = AuthClient.CodeOf(await auth.AuthorizeAsync(cookie, challenge));
        Assert.Equal("invalid_grant", (await auth.RedeemAsync(foreign, AuthClient.NewPkce().Verifier)).Error);

        var code = AuthClient.CodeOf(await auth.AuthorizeAsync(cookie, challenge));
        var uses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => auth.RedeemAsync(code, verifier)));
        Assert.Equal(1, uses.Count(u => u.Status == HttpStatusCode.OK));
        Assert.All(uses.Where(u => u.Status != HttpStatusCode.OK), u => Assert.Equal("invalid_grant", u.Error));

        var elsewhere = await auth.AuthorizeAsync(cookie, challenge, ("redirect_uri", "http://127.0.0.1:1025/callback"));
        Assert.StartsWith("http://127.0.0.1:1025/callback?code=", elsewhere.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_password_grant_and_no_service_without_its_secret()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var password = await auth.SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = AuthClient.Client,
            ["username"] = user.Email,
            ["password"] = AuthClient.Password,
        });
        var service = await auth.SendAsync(HttpMethod.Post, "/connect/token", form: new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "throughline-backend",
            ["client_secret"] = "guessed",
        });
        Assert.Equal("unsupported_grant_type", password.Error);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (service.Status, service.Error));
    }

    [Fact]
    public async Task Codes_and_tokens_for_the_web_app_are_given_to_the_frontend_alone()
    {
        var auth = await platform.ClientAsync();
        var cookie = await auth.LogInAsync((await auth.SignUpAsync()).Email);
        var (verifier, challenge) = AuthClient.NewPkce();
        const string Callback = AuthProcess.Issuer + "/signin/callback";
        (string, string)[] Proof(string? kind) => kind is null ? [] : [("Throughline-Frontend", auth.ProofOf(kind)), ("X-Forwarded-For", "203.0.113.9")];
        Task<Answer> AuthorizeAsync(string? proof) => auth.SendAsync(
            HttpMethod.Get,
            $"/connect/authorize?client_id=throughline-web&response_type=code&redirect_uri={Uri.EscapeDataString(Callback)}&scope=openid%20offline_access%20api&code_challenge={challenge}&code_challenge_method=S256",
            headers: [("Cookie", cookie), .. Proof(proof)]);

        foreach (var stranger in (string?[])[null, "forwarded"])
        {
            var refused = await AuthorizeAsync(stranger);
            Assert.Equal(HttpStatusCode.Redirect, refused.Status);
            var query = HttpUtility.ParseQueryString(new Uri(refused.Location).Query);
            Assert.Equal(("unauthorized_client", null), (query["error"], query["code"]));
        }
        foreach (var (proof, expected) in ((string?, HttpStatusCode)[])[(null, HttpStatusCode.BadRequest), ("forwarded", HttpStatusCode.BadRequest), ("own", HttpStatusCode.OK)])
        {
            var code = AuthClient.CodeOf(await AuthorizeAsync("own"));
            var answer = await auth.SendAsync(
                HttpMethod.Post, "/connect/token",
                form: new Dictionary<string, string>
                {
                    ["grant_type"] = "authorization_code",
                    ["client_id"] = "throughline-web",
                    ["code"] = code,
                    ["code_verifier"] = verifier,
                    ["redirect_uri"] = Callback,
                },
                headers: Proof(proof));
            Assert.Equal(expected, answer.Status);
            if (answer.Status != HttpStatusCode.OK) Assert.Equal("unauthorized_client", answer.Error);
        }
    }

    [Fact]
    public async Task Our_services_may_ask_about_a_token_and_nobody_else()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        foreach (var token in (string[])[tokens.Access, tokens.Refresh])
        {
            var live = await IntrospectAsync(auth, token);
            Assert.Equal(
                (true, user.UserId.ToString(), AuthProcess.Issuer),
                (live.GetProperty("active").GetBoolean(), live.GetProperty("sub").GetString(), live.GetProperty("iss").GetString()));
        }
        var stranger = await auth.SendAsync(HttpMethod.Post, "/connect/introspect", form: new Dictionary<string, string> { ["client_id"] = AuthClient.Client, ["token"] = tokens.Access });
        Assert.NotEqual(HttpStatusCode.OK, stranger.Status);
        await auth.SendAsync(HttpMethod.Post, "/auth/logout", tokens.Access);
        foreach (var token in (string[])[tokens.Access, tokens.Refresh, "made-up", "a.b.c"])
            Assert.False((await IntrospectAsync(auth, token)).GetProperty("active").GetBoolean());
    }

    private static async Task<JsonElement> IntrospectAsync(AuthClient auth, string token)
    {
        var answer = await auth.SendAsync(HttpMethod.Post, "/connect/introspect", form: new Dictionary<string, string>
        {
            ["client_id"] = "throughline-backend",
            ["client_secret"] = auth.Process.Secret("client-backend"),
            ["token"] = token,
        });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }
}
