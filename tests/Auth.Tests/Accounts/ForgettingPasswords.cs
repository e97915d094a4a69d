using System.Net;
using Throughline.Auth.Tests.Mail;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Accounts;

public sealed class ForgettingPasswordsOnSqlite(SqliteAuth platform) : ForgettingPasswords(platform);

public sealed class ForgettingPasswordsOnPostgres(PostgresAuth platform) : ForgettingPasswords(platform);

public abstract class ForgettingPasswords(SharedAuth platform)
{
    private const string NewPassword = "another-good-passphrase-5";

    [Fact]
    public async Task A_reset_ends_every_session_and_the_old_password_and_signs_nobody_in()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var asked = await auth.PostAsync("/auth/password/forgot", new { email = user.Email.ToUpperInvariant() });
        var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Reset);
        Assert.Equal((HttpStatusCode.Accepted, ""), (asked.Status, asked.Body));
        Assert.StartsWith($"{AuthProcess.Issuer}/reset-password#code=", mail.Link.AbsoluteUri, StringComparison.Ordinal);

        var reset = await auth.PostAsync("/auth/password/reset", new { code = mail.Code, password = NewPassword });

        Assert.Equal(HttpStatusCode.NoContent, reset.Status);
        Assert.False(reset.Headers.ContainsKey("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(tokens.Refresh)).Error);
        Assert.Equal("invalid_credentials", (await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })).Code);
        var now = await auth.TokensAsync(await auth.LogInAsync(user.Email, NewPassword));
        Assert.True((await auth.GetAsync("/auth/me", now.Access)).As<Account>().EmailVerified);
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/password/reset", new { code = mail.Code, password = NewPassword })).Code);
        var notice = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.WasReset);
        Assert.Contains("API keys still work", notice.Text, StringComparison.Ordinal);
        // The mail of the sign-up was for the same purpose as what the reset has shown.
        var first = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/email/verify", new { code = first.Code })).Code);
        Assert.Equal(
            ["login success", "login failure", "session.revoked success", "email.verified success", "password.reset success", "password.forgotten success", "login success", "account.created success"],
            await Activity.OfAsync(auth, user.UserId));
    }

    [Fact]
    public async Task A_password_that_is_refused_leaves_the_code_good()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        await auth.PostAsync("/auth/password/forgot", new { email = user.Email });
        var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Reset);
        foreach (var (password, code) in ((string?, string)[])[("passwordpassword", "weak_password"), ("short", "weak_password"), (null, "invalid_field"), (new string('x', 257), "invalid_field")])
        {
            var refused = await auth.PostAsync("/auth/password/reset", new { code = mail.Code, password });
            Assert.Equal((HttpStatusCode.BadRequest, code, "password"), (refused.Status, refused.Code, refused.Json.GetProperty("errors").EnumerateObject().Single().Name));
        }
        Assert.Equal(HttpStatusCode.NoContent, (await auth.PostAsync("/auth/password/reset", new { code = mail.Code, password = NewPassword })).Status);
    }

    [Fact]
    public async Task A_mailbox_is_not_flooded_and_the_last_mail_works()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        for (var i = 0; i < 6; i++) Assert.Equal(HttpStatusCode.Accepted, (await auth.PostAsync("/auth/password/forgot", new { email = user.Email })).Status);
        // Requests are answered in their order: when this one's mail is there, so are all of the others'.
        var next = await auth.SignUpAsync();
        await auth.PostAsync("/auth/password/forgot", new { email = next.Email });
        await Mailbox.WaitAsync(auth.Process, next.Email, Subjects.Reset);

        var mails = Mailbox.Of(auth.Process, user.Email).Where(mail => mail.Subject == Subjects.Reset).ToList();

        Assert.Equal(3, mails.Count);
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/password/reset", new { code = mails[1].Code, password = NewPassword })).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.PostAsync("/auth/password/reset", new { code = mails[2].Code, password = NewPassword })).Status);
        Assert.Equal(3, (await Activity.OfAsync(auth, user.UserId)).Count(e => e == "password.forgotten denied"));
    }

    [Fact]
    public async Task An_e_mail_that_nobody_has_gets_the_same_answer_and_no_mail()
    {
        var auth = await platform.ClientAsync();
        var (known, unknown) = ((await auth.SignUpAsync()).Email, AuthClient.NewEmail());
        var answers = new[] { await auth.PostAsync("/auth/password/forgot", new { email = unknown }), await auth.PostAsync("/auth/password/forgot", new { email = known }) };
        await Mailbox.WaitAsync(auth.Process, known, Subjects.Reset);

        Assert.Equal((HttpStatusCode.Accepted, answers[0].Body), (answers[1].Status, answers[1].Body));
        Assert.Equal(answers[0].Headers.Keys.Order(), answers[1].Headers.Keys.Order());
        Assert.Empty(Mailbox.Of(auth.Process, unknown));
        Assert.Equal("invalid_field", (await auth.PostAsync("/auth/password/forgot", new { email = "no e-mail" })).Code);
    }
}

public sealed class AskingForCodesTooOften
{
    [Fact]
    public async Task One_address_is_limited_and_another_is_not()
    {
        await using var process = await AuthProcess.StartAsync(TestContext.Current.CancellationToken, ("Accounts__CodesPerAddress", "2"));
        var auth = new AuthClient(process);
        foreach (var path in (string[])["/auth/password/forgot", "/auth/password/reset", "/auth/email/verify"])
        {
            var body = new { email = AuthClient.NewEmail(), code = "made-up", password = AuthClient.Password };
            var place = $"198.51.100.{path.Length}";
            for (var i = 0; i < 2; i++) Assert.NotEqual(HttpStatusCode.TooManyRequests, (await auth.PostFromAsync(place, path, body)).Status);
            var third = await auth.PostFromAsync(place, path, body);
            Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (third.Status, third.Code));
            Assert.InRange(int.Parse(third.Headers["Retry-After"].Single(), System.Globalization.CultureInfo.InvariantCulture), 890, 900);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await auth.PostFromAsync("192.0.2.1", path, body)).Status);
        }
    }
}
