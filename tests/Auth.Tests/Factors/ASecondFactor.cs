using System.Globalization;
using System.Net;
using Throughline.Auth.Tests.Mail;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Factors;

public sealed class ASecondFactorOnSqlite(SqliteAuth platform) : ASecondFactor(platform)
{
    private readonly SqliteAuth _platform = platform;

    [Fact]
    public async Task Is_audited_and_lies_encrypted()
    {
        var auth = await _platform.ClientAsync();
        var user = await ProtectedUser.NewAsync(auth);
        await user.LogInAsync(user.App.WrongCode());
        await user.LogInAsync(user.RecoveryCodes[0]);

        var stored = await AuthDatabase.ReadAsync(auth.Process, "SELECT hex(TotpSecret) FROM AspNetUsers WHERE Email = $1", user.Email);
        Assert.DoesNotContain(Convert.ToHexString(user.App.Secret), stored.Single(), StringComparison.Ordinal);
        var audited = await AuthDatabase.ReadAsync(
            auth.Process, "SELECT Event || ' ' || Outcome || ' ' || coalesce(Detail, '') FROM AuditEntries JOIN AspNetUsers u ON u.Id = UserId WHERE u.Email = $1 ORDER BY Seq", user.Email);
        string[] expected =
        [
            "totp.changed success An authenticator was added.",
            "login failure The code of the second factor was not right.",
            "totp.changed success A recovery code was used; 9 are left.",
        ];
        Assert.Equal(expected, expected.Where(audited.Contains));
        Assert.DoesNotContain(audited, entry => user.RecoveryCodes.Any(code => entry.Contains(code, StringComparison.Ordinal)));
        Assert.Equal(
            ["password", "recovery_code"],
            await AuthDatabase.ReadAsync(auth.Process, "SELECT Method FROM Sessions s JOIN AspNetUsers u ON u.Id = s.UserId WHERE u.Email = $1 ORDER BY s.CreatedAt", user.Email));
    }
}

/// <summary>Asks no more of the database than what other suites try on both, so it runs in whole runs alone.</summary>
public sealed class ASecondFactorOnPostgres : ASecondFactor
{
    public ASecondFactorOnPostgres(PostgresAuth platform) : base(platform) => SuiteSize.RequireFull();
}

public abstract class ASecondFactor(SharedAuth platform)
{
    [Fact]
    public async Task Is_on_once_its_first_code_was_right_and_ends_the_other_sessions()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var elsewhere = await auth.TokensAsync(await auth.LogInAsync(user.Email));

        var wrong = await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/begin", tokens.Access, new { password = "not-the-password" });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_credentials"), (wrong.Status, wrong.Code));
        var setup = (await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/begin", tokens.Access, new { password = AuthClient.Password })).As<TotpSetup>();
        Assert.Equal(
            $"otpauth://totp/Throughline:{Uri.EscapeDataString(user.Email)}?secret={setup.Secret}&issuer=Throughline&algorithm=SHA1&digits=6&period=30", setup.Uri);
        await auth.LogInAsync(user.Email); // begun is not on

        var app = new TestAuthenticator(setup.Secret);
        var mistyped = await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/confirm", tokens.Access, new { code = app.WrongCode() });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_field"), (mistyped.Status, mistyped.Code));
        Assert.True(mistyped.Json.GetProperty("errors").TryGetProperty("code", out _));
        var codes = (await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/confirm", tokens.Access, new { code = app.Code() })).As<RecoveryCodes>().Codes;

        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$", code));
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", elsewhere.Access)).Status);
        var factors = (await auth.GetAsync("/auth/mfa", tokens.Access)).As<AccountFactors>();
        Assert.Equal((true, 10, 0), (factors.Totp, factors.RecoveryCodesLeft, factors.Passkeys.Count));
        var again = await auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/begin", tokens.Access, new { password = AuthClient.Password });
        Assert.Equal((HttpStatusCode.Conflict, "totp_enabled"), (again.Status, again.Code));
    }

    [Fact]
    public async Task Is_asked_for_after_the_password_and_takes_each_code_once()
    {
        var user = await ProtectedUser.NewAsync(await platform.ClientAsync());

        var missing = await user.LogInAsync(null);
        var wrong = await user.LogInAsync(user.App.WrongCode());
        Assert.Equal((HttpStatusCode.Unauthorized, "totp_required"), (missing.Status, missing.Code));
        Assert.Equal((HttpStatusCode.Unauthorized, "totp_required"), (wrong.Status, wrong.Code));
        Assert.NotEqual(missing.Json.GetProperty("title").GetString(), wrong.Json.GetProperty("title").GetString());
        Assert.DoesNotContain("Set-Cookie", wrong.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        var password = await user.Auth.PostAsync("/auth/login", new { email = user.Email, password = "not-the-password", totp = user.App.Code(1) });
        Assert.Equal("invalid_credentials", password.Code);

        var next = user.App.Code(1);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync(next)).Status);
        Assert.Equal("totp_required", (await user.LogInAsync(next)).Code); // again
        Assert.Equal("totp_required", (await user.LogInAsync(user.App.Code(-1))).Code); // older than one that was taken
    }

    [Fact]
    public async Task Takes_one_code_from_one_of_eight_at_once()
    {
        var auth = await platform.ClientAsync();
        for (var round = 0; round < 3; round++)
        {
            var user = await ProtectedUser.NewAsync(auth);
            var code = user.App.Code(1);
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.LogInAsync(code)));
            Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
            Assert.All(answers.Where(a => a.Status != HttpStatusCode.NoContent), a => Assert.Contains(a.Code, (string[])["totp_required", "rate_limited"]));

            answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => user.LogInAsync(user.RecoveryCodes[round])));
            Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.NoContent));
            Assert.Equal(9, (await auth.GetAsync("/auth/mfa", user.Tokens.Access)).As<AccountFactors>().RecoveryCodesLeft);
        }
    }

    [Fact]
    public async Task Has_recovery_codes_that_are_spent_and_replaced()
    {
        var user = await ProtectedUser.NewAsync(await platform.ClientAsync());
        var untidy = user.RecoveryCodes[0].ToLowerInvariant().Replace('-', ' ');
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync(untidy)).Status);
        Assert.Equal("totp_required", (await user.LogInAsync(user.RecoveryCodes[0])).Code);

        Assert.Equal(HttpStatusCode.BadRequest, (await user.PostAsync("/auth/mfa/totp/recovery-codes", new { password = "not-the-password" })).Status);
        var renewed = (await user.PostAsync("/auth/mfa/totp/recovery-codes", new { password = AuthClient.Password })).As<RecoveryCodes>().Codes;
        Assert.Empty(renewed.Intersect(user.RecoveryCodes));
        Assert.Equal("totp_required", (await user.LogInAsync(user.RecoveryCodes[1])).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync(renewed[1])).Status);

        var (_, other) = await user.Auth.NewUserAsync();
        var none = await user.Auth.SendAsync(HttpMethod.Post, "/auth/mfa/totp/recovery-codes", other.Access, new { password = AuthClient.Password });
        Assert.Equal((HttpStatusCode.Conflict, "totp_disabled"), (none.Status, none.Code));
    }

    [Fact]
    public async Task Does_not_let_itself_be_guessed_and_leaves_its_owner_the_recovery_codes()
    {
        var user = await ProtectedUser.NewAsync(await platform.ClientAsync());
        var guesses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => user.LogInAsync(user.App.WrongCode())));
        Assert.Equal(5, guesses.Count(a => a.Code == "totp_required"));

        var right = await user.LogInAsync(user.App.Code(1));
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (right.Status, right.Code));
        Assert.InRange(int.Parse(right.Headers["Retry-After"].Single(), CultureInfo.InvariantCulture), 1, 30);
        Assert.Equal(HttpStatusCode.NoContent, (await user.LogInAsync(user.RecoveryCodes[0])).Status);
    }

    [Fact]
    public async Task Is_removed_by_the_password_and_a_code_and_ends_the_other_sessions()
    {
        var auth = await platform.ClientAsync();
        var user = await ProtectedUser.NewAsync(auth);
        var signIn = await user.LogInAsync(user.RecoveryCodes[0]);
        var elsewhere = await auth.TokensAsync(signIn.Headers["Set-Cookie"].Single().Split(';')[0]);

        foreach (var (body, status) in ((object, HttpStatusCode)[])
            [
                (new { password = "not-the-password", code = user.RecoveryCodes[1] }, HttpStatusCode.BadRequest),
                (new { password = AuthClient.Password }, HttpStatusCode.BadRequest),
                (new { password = AuthClient.Password, code = user.App.WrongCode() }, HttpStatusCode.BadRequest),
                (new { password = AuthClient.Password, code = user.RecoveryCodes[0] }, HttpStatusCode.BadRequest),
            ])
            Assert.Equal(status, (await user.PostAsync("/auth/mfa/totp/remove", body)).Status);
        Assert.Equal("totp_required", (await user.LogInAsync(null)).Code);

        Assert.Equal(
            HttpStatusCode.NoContent, (await user.PostAsync("/auth/mfa/totp/remove", new { password = AuthClient.Password, code = user.App.Code(1) })).Status);
        await auth.LogInAsync(user.Email);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", elsewhere.Access)).Status);
        Assert.False((await auth.GetAsync("/auth/mfa", user.Tokens.Access)).As<AccountFactors>().Totp);
    }

    [Fact]
    public async Task Tells_its_owner_by_mail_of_each_change_and_of_no_attempt()
    {
        var auth = await platform.ClientAsync();
        var user = await ProtectedUser.NewAsync(auth);
        await user.PostAsync("/auth/mfa/totp/recovery-codes", new { password = "not-the-password" });
        var codes = (await user.PostAsync("/auth/mfa/totp/recovery-codes", new { password = AuthClient.Password })).As<RecoveryCodes>().Codes;
        await user.PostAsync("/auth/mfa/totp/remove", new { password = AuthClient.Password, code = user.App.WrongCode() });
        await user.PostAsync("/auth/mfa/totp/remove", new { password = AuthClient.Password, code = codes[0] });
        await user.PostAsync("/auth/mfa/totp/remove", new { password = AuthClient.Password });

        var told = Mailbox.Of(auth.Process, user.Email).Where(mail => mail.Subject == Subjects.Factors).Select(mail => mail.Text.Split("\n\n")[1].Split(" That was ")[0]);
        Assert.Equal(
            [
                "An authenticator was added to your account.",
                "The recovery codes of your account were replaced; the old ones are void.",
                "The authenticator was removed from your account.",
            ],
            told);
    }
}
