using System.Net;
using Throughline.Auth.Tests.Mail;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Accounts;

public sealed class VerifyingEmailsOnSqlite(SqliteAuth platform) : VerifyingEmails(platform);

public sealed class VerifyingEmailsOnPostgres(PostgresAuth platform) : VerifyingEmails(platform);

public abstract class VerifyingEmails(SharedAuth platform)
{
    [Fact]
    public async Task The_code_from_the_mail_confirms_once_and_ends_every_other_session()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var (here, elsewhere) = (await auth.TokensAsync(await auth.LogInAsync(user.Email)), await auth.TokensAsync(await auth.LogInAsync(user.Email)));
        Assert.False((await auth.GetAsync("/auth/me", here.Access)).As<Account>().EmailVerified);
        var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);

        var verified = await auth.SendAsync(HttpMethod.Post, "/auth/email/verify", here.Access, new { code = mail.Code });
        var again = await auth.PostAsync("/auth/email/verify", new { code = mail.Code });

        Assert.Equal(HttpStatusCode.NoContent, verified.Status);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_code"), (again.Status, again.Code));
        var account = (await auth.GetAsync("/auth/me", here.Access)).As<Account>();
        Assert.Equal((true, 2L), (account.EmailVerified, account.Version));
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", elsewhere.Access)).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(elsewhere.Refresh)).Error);
        Assert.Equal(["session.revoked success", "email.verified success"], (await Activity.OfAsync(auth, user.UserId)).Take(2));
    }

    [Fact]
    public async Task Without_a_token_or_with_a_strangers_every_session_ends()
    {
        var auth = await platform.ClientAsync();
        var (_, stranger) = await auth.NewUserAsync();
        foreach (var token in (string?[])[null, stranger.Access, "no token at all"])
        {
            var (user, tokens) = await auth.NewUserAsync();
            var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);
            Assert.Equal(HttpStatusCode.NoContent, (await auth.SendAsync(HttpMethod.Post, "/auth/email/verify", token, new { code = mail.Code })).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        }
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", stranger.Access)).Status);
    }

    [Fact]
    public async Task Another_mail_voids_the_code_of_the_one_before_and_there_are_not_many()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var first = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);

        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.Accepted, (await SendAsync()).Status);
        var tooMany = await SendAsync();

        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (tooMany.Status, tooMany.Code));
        Assert.InRange(int.Parse(tooMany.Headers["Retry-After"].Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 900);
        var last = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify, count: 4);
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/email/verify", new { code = first.Code })).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.SendAsync(HttpMethod.Post, "/auth/email/verify", tokens.Access, new { code = last.Code })).Status);
        var confirmed = await SendAsync();
        Assert.Equal((HttpStatusCode.Conflict, "already_verified"), (confirmed.Status, confirmed.Code));

        Task<Answer> SendAsync() => auth.SendAsync(HttpMethod.Post, "/auth/email/verify/send", tokens.Access);
    }

    [Fact]
    public async Task A_code_is_good_for_one_purpose_and_one_of_eight_who_bring_it_at_once()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/password/reset", new { code = mail.Code, password = "another-good-passphrase-5" })).Code);
        foreach (var code in (string?[])["", null, "made-up", mail.Code + "A"])
            Assert.Equal("invalid_code", (await auth.PostAsync("/auth/email/verify", new { code })).Code);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => auth.PostAsync("/auth/email/verify", new { code = mail.Code })));

        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
        Assert.Equal(7, answers.Count(a => a.Status == HttpStatusCode.BadRequest && a.Code == "invalid_code"));
    }

    [Fact]
    public async Task Only_who_is_signed_in_can_ask_for_another_mail()
    {
        var auth = await platform.ClientAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.SendAsync(HttpMethod.Post, "/auth/email/verify/send")).Status);
    }
}
