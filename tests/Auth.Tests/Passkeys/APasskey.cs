using System.Net;
using System.Text.Json.Nodes;
using Throughline.Auth.Tests.Factors;
using Throughline.Auth.Tests.Mail;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Passkeys;

public sealed class APasskeyOnSqlite(SqliteAuth platform) : APasskey(platform)
{
    private readonly SqliteAuth _platform = platform;

    [Fact]
    public async Task Begins_a_session_that_says_so_in_the_audit_log_too()
    {
        var auth = await _platform.ClientAsync();
        using var user = await PasskeyUser.WithPasskeyAsync(auth);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync()).Status);
        Assert.Equal(
            ["password", "passkey"],
            await AuthDatabase.ReadAsync(auth.Process, "SELECT Method FROM Sessions s JOIN AspNetUsers u ON u.Id = s.UserId WHERE u.Email = $1 ORDER BY s.CreatedAt", user.User.Email));
        var audited = await AuthDatabase.ReadAsync(
            auth.Process, "SELECT Event || ' ' || Outcome || ' ' || coalesce(Detail, '') FROM AuditEntries JOIN AspNetUsers u ON u.Id = UserId WHERE u.Email = $1", user.User.Email);
        Assert.Contains("passkey.changed success A passkey was added.", audited);
        Assert.Contains("login success passkey", audited);
    }

    [Fact]
    public async Task Does_not_sign_in_a_disabled_user()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        using var user = await PasskeyUser.WithPasskeyAsync(new AuthClient(process));
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync()).Status);
        await AuthDatabase.WriteAsync(process, "UPDATE AspNetUsers SET IsDisabled = 1");
        var refused = await user.LogInAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), (refused.Status, refused.Code));
    }
}

/// <summary>Asks no more of the database than what other suites try on both, so it runs in whole runs alone.</summary>
public sealed class APasskeyOnPostgres : APasskey
{
    public APasskeyOnPostgres(PostgresAuth platform) : base(platform) => SuiteSize.RequireFull();
}

public abstract class APasskey(SharedAuth platform)
{
    [Fact]
    public async Task Is_added_listed_and_removed_by_its_owner()
    {
        var auth = await platform.ClientAsync();
        using var user = await PasskeyUser.NewAsync(auth);
        var unproven = await auth.SendAsync(HttpMethod.Post, "/auth/passkeys/options", user.Tokens.Access, new { password = "not-the-password" });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_credentials"), (unproven.Status, unproven.Code));
        var challenge = await user.AskToAddAsync();
        Assert.Equal("localhost", challenge.Options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal("required", challenge.Options.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString());
        Assert.Equal("required", challenge.Options.GetProperty("authenticatorSelection").GetProperty("residentKey").GetString());

        var added = await user.AddAsync(challenge, user.Passkey.Create(challenge.Options));
        Assert.Equal(HttpStatusCode.Created, added.Status);
        var summary = added.As<PasskeySummary>();
        Assert.Equal("Laptop", summary.Name);
        Assert.Equal([summary], (await auth.GetAsync("/auth/mfa", user.Tokens.Access)).As<AccountFactors>().Passkeys);
        var elsewhere = await auth.TokensAsync(await auth.LogInAsync(user.User.Email));

        var (_, stranger) = await auth.NewUserAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await auth.DeleteAsync($"/auth/passkeys/{summary.Id}", stranger.Access)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await auth.DeleteAsync("/auth/passkeys/!", user.Tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/passkeys/{summary.Id}", user.Tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", elsewhere.Access)).Status);
        Assert.Equal("invalid_credentials", (await user.LogInAsync()).Code);

        var told = Mailbox.Of(auth.Process, user.User.Email).Where(mail => mail.Subject == Subjects.Factors).Select(mail => mail.Text.Split("\n\n")[1]).ToList();
        Assert.Equal(2, told.Count);
        Assert.StartsWith("A passkey, “Laptop”, was added to your account.", told[0], StringComparison.Ordinal);
        Assert.StartsWith("A passkey was removed from your account.", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signs_in_without_e_mail_password_or_code()
    {
        var auth = await platform.ClientAsync();
        var protectedUser = await ProtectedUser.NewAsync(auth);
        using var user = new PasskeyUser(auth, new(default, protectedUser.Email, "", ""), protectedUser.Tokens, new SoftwareAuthenticator(AuthProcess.Issuer));
        Assert.Equal(HttpStatusCode.Created, (await user.AddAsync()).Status);

        var signedIn = await user.LogInAsync();

        Assert.Equal(HttpStatusCode.NoContent, signedIn.Status);
        var tokens = await auth.TokensAsync(signedIn.Headers["Set-Cookie"].Single().Split(';')[0]);
        Assert.Equal(user.User.Email, tokens.Claims.GetProperty("email").GetString());
        Assert.Equal(2, (await auth.GetAsync("/auth/sessions", tokens.Access)).As<Page<DeviceSession>>().Items.Count);
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("port")]
    [InlineData("relying party")]
    [InlineData("user verification")]
    [InlineData("challenge")]
    [InlineData("state of a sign-in")]
    [InlineData("somebody else's challenge")]
    public async Task Is_not_added_where_anything_is_wrong(string what)
    {
        var auth = await platform.ClientAsync();
        using var user = await PasskeyUser.NewAsync(auth);
        using var other = await PasskeyUser.NewAsync(auth);
        var challenge = what switch
        {
            "state of a sign-in" => (await user.AskToAddAsync()) with { State = (await user.AskToLogInAsync()).State },
            "somebody else's challenge" => await other.AskToAddAsync(),
            _ => await user.AskToAddAsync(),
        };
        Spoil(user.Passkey, what);
        var answered = what == "challenge" ? (await user.AskToAddAsync()).Options : challenge.Options;

        var refused = await user.AddAsync(challenge, user.Passkey.Create(answered));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_passkey"), (refused.Status, refused.Code));
        Assert.Empty((await auth.GetAsync("/auth/mfa", user.Tokens.Access)).As<AccountFactors>().Passkeys);
        user.Passkey.Origin = AuthProcess.Issuer;
        (user.Passkey.RelyingParty, user.Passkey.VerifiesUser) = (null, true);
        Assert.Equal(HttpStatusCode.Created, (await user.AddAsync()).Status); // the same authenticator, with nothing wrong
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("port")]
    [InlineData("relying party")]
    [InlineData("user verification")]
    [InlineData("challenge")]
    [InlineData("counter")]
    [InlineData("signature")]
    [InlineData("credential")]
    [InlineData("state")]
    [InlineData("state of an addition")]
    [InlineData("nothing but words")]
    public async Task Does_not_sign_in_where_anything_is_wrong(string what)
    {
        var auth = await platform.ClientAsync();
        using var user = await PasskeyUser.WithPasskeyAsync(auth);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync()).Status);
        using var impostor = new SoftwareAuthenticator(AuthProcess.Issuer) { CredentialId = user.Passkey.CredentialId };
        impostor.Create((await user.AskToAddAsync()).Options); // knows whom to be, and has another key
        var challenge = await user.AskToLogInAsync();
        Spoil(user.Passkey, what);
        user.Passkey.Counter += what == "counter" ? 0u : 1u;
        var credential = what switch
        {
            "signature" => impostor.Get(challenge.Options),
            "challenge" => user.Passkey.Get((await user.AskToLogInAsync()).Options),
            "credential" => Unknown(user.Passkey.Get(challenge.Options)),
            "nothing but words" => new JsonObject { ["id"] = "hello" },
            _ => user.Passkey.Get(challenge.Options),
        };
        var state = what switch
        {
            "state" => challenge.State[..^8] + "AAAAAAAA",
            "state of an addition" => (await user.AskToAddAsync()).State,
            _ => challenge.State,
        };

        var refused = await user.LogInAsync(challenge with { State = state }, credential);

        // Whatever it was, the answer is the one for a passkey that nobody has.
        var unknown = await user.LogInAsync(await user.AskToLogInAsync(), Unknown(impostor.Get(challenge.Options)));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), (refused.Status, refused.Code));
        Assert.Equal(Without(unknown.Body), Without(refused.Body));
        Assert.DoesNotContain("Set-Cookie", refused.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        user.Passkey.Origin = AuthProcess.Issuer;
        (user.Passkey.RelyingParty, user.Passkey.VerifiesUser) = (null, true);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync()).Status);
    }

    [Fact]
    public async Task Answers_a_challenge_once_also_where_it_does_not_count()
    {
        var auth = await platform.ClientAsync();
        using var user = await PasskeyUser.NewAsync(auth);
        user.Passkey.Counter = 0; // as passkeys that are synchronised between devices: nothing but the state tells a repeat
        var challenge = await user.AskToAddAsync();
        var made = user.Passkey.Create(challenge.Options);
        Assert.Equal(HttpStatusCode.Created, (await user.AddAsync(challenge, made)).Status);
        using var second = new SoftwareAuthenticator(AuthProcess.Issuer);
        Assert.Equal("invalid_passkey", (await user.AddAsync(challenge, second.Create(challenge.Options))).Code);

        for (var round = 0; round < 3; round++)
        {
            challenge = await user.AskToLogInAsync();
            var shown = user.Passkey.Get(challenge.Options);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.LogInAsync(challenge, shown)));
            Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
            Assert.All(answers.Where(a => a.Status != HttpStatusCode.NoContent), a => Assert.Equal("invalid_credentials", a.Code));
        }
    }

    [Fact]
    public async Task Shows_a_counter_to_one_of_eight_at_once()
    {
        using var user = await PasskeyUser.WithPasskeyAsync(await platform.ClientAsync());
        user.Passkey.Counter = 100;
        var challenges = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.AskToLogInAsync()));
        var answers = await Task.WhenAll(challenges.Select(challenge => user.LogInAsync(challenge, user.Passkey.Get(challenge.Options))));
        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
    }

    private static void Spoil(SoftwareAuthenticator passkey, string what)
    {
        if (what == "origin") passkey.Origin = "https://evil.example";
        if (what == "port") passkey.Origin = "http://localhost:4444"; // another site to us, the same to the authenticator
        if (what == "relying party") passkey.RelyingParty = "evil.example";
        if (what == "user verification") passkey.VerifiesUser = false;
    }

    private static JsonObject Unknown(JsonObject credential)
    {
        foreach (var name in (string[])["id", "rawId"]) credential[name] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        return credential;
    }

    private static string Without(string body)
    {
        var problem = JsonNode.Parse(body)!.AsObject();
        problem.Remove("traceId");
        return problem.ToJsonString();
    }
}
