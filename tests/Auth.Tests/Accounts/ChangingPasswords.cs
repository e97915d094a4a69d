using System.Net;
using Throughline.Auth.Tests.Mail;

namespace Throughline.Auth.Tests.Accounts;

public sealed class ChangingPasswords(SqliteAuth platform)
{
    private const string NewPassword = "another-good-passphrase-5";

    [Fact]
    public async Task A_change_ends_every_other_session_and_the_owner_is_told()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var (own, other) = (await auth.TokensAsync(await auth.LogInAsync(user.Email)), await auth.TokensAsync(await auth.LogInAsync(user.Email)));
        await auth.PostAsync("/auth/password/forgot", new { email = user.Email });
        var reset = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Reset);

        var changed = await ChangeAsync(auth, own, AuthClient.Password, NewPassword);

        Assert.Equal(HttpStatusCode.NoContent, changed.Status);
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", own.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", other.Access)).Status);
        Assert.Equal("invalid_credentials", (await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })).Code);
        await auth.LogInAsync(user.Email, NewPassword);
        // Whoever asked for a code before the change may be why it was made.
        Assert.Equal("invalid_code", (await auth.PostAsync("/auth/password/reset", new { code = reset.Code, password = "yet-another-passphrase-6" })).Code);
        Assert.Contains("from 127.0.0.1", (await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Changed)).Text, StringComparison.Ordinal);
        Assert.Equal(
            ["login success", "login failure", "session.revoked success", "password.changed success"],
            (await Activity.OfAsync(auth, user.UserId)).Take(4));
    }

    [Fact]
    public async Task A_wrong_present_password_is_counted_with_failed_sign_ins()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        for (var i = 0; i < 5; i++)
        {
            var wrong = await ChangeAsync(auth, tokens, "not-my-password", NewPassword);
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_credentials", "current"), (wrong.Status, wrong.Code, wrong.Json.GetProperty("errors").EnumerateObject().Single().Name));
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, (await ChangeAsync(auth, tokens, AuthClient.Password, NewPassword)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })).Status);
        Assert.Equal(5, (await Activity.OfAsync(auth, user.UserId)).Count(e => e == "password.changed failure"));
    }

    [Theory]
    [InlineData("", NewPassword, "current", "invalid_field")]
    [InlineData(AuthClient.Password, AuthClient.Password, "password", "invalid_field")]
    [InlineData(AuthClient.Password, "qwertyuiop123", "password", "weak_password")]
    [InlineData(AuthClient.Password, "", "password", "invalid_field")]
    public async Task A_field_that_is_no_good_is_named(string current, string password, string member, string code)
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var answer = await ChangeAsync(auth, tokens, current, password);
        Assert.Equal((HttpStatusCode.BadRequest, code), (answer.Status, answer.Code));
        Assert.Equal([member], answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task Of_eight_changes_at_once_one_succeeds()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ChangeAsync(auth, tokens, AuthClient.Password, $"{NewPassword}-{i}")));
        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
    }

    [Fact]
    public async Task A_sign_in_that_began_with_the_old_password_does_not_outlive_the_change()
    {
        await using var process = await AuthProcess.StartAsync(
            TestContext.Current.CancellationToken, ("DOTNET_ThreadPool_ForceMinWorkerThreads", "20")); // all are under way at once
        var auth = new AuthClient(process);
        var (user, tokens) = await auth.NewUserAsync();
        var changing = ChangeAsync(auth, tokens, AuthClient.Password, NewPassword);
        var signIns = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })));
        Assert.Equal(HttpStatusCode.NoContent, (await changing).Status);

        // Which of them came before the change is chance, and so whether those after it were enough failures to be slowed down; what must hold, holds either way.
        Assert.All(signIns, a => Assert.True(a.Status is HttpStatusCode.NoContent or HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, a.Body));
        foreach (var signIn in signIns.Where(a => a.Status == HttpStatusCode.NoContent))
        {
            var cookie = signIn.Headers["Set-Cookie"].Single().Split(';')[0];
            var answer = await auth.AuthorizeAsync(cookie, AuthClient.NewPkce().Challenge);
            Assert.StartsWith($"{AuthProcess.Issuer}/sign-in", answer.Location, StringComparison.Ordinal);
        }
    }

    private static Task<Answer> ChangeAsync(AuthClient auth, Tokens tokens, string current, string password) =>
        auth.SendAsync(HttpMethod.Post, "/auth/password/change", tokens.Access, new { current, password });
}
