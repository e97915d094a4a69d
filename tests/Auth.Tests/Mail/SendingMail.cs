using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Mail;

public sealed class SendingMail(SqliteAuth platform)
{
    [Fact]
    public async Task Without_a_server_mail_lies_in_a_folder_that_only_its_owner_reads()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var mail = await Mailbox.WaitAsync(auth.Process, user.Email, Subjects.Verify);

        Assert.StartsWith($"{AuthProcess.Issuer}/verify-email#code=", mail.Link.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains($"href=\"{mail.Link}\"", mail.Html, StringComparison.Ordinal);
        var folder = Path.Combine(auth.Process.State, "mail");
        Assert.Empty(Directory.EnumerateFiles(folder, "*.tmp"));
        foreach (var file in Directory.EnumerateFiles(folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file));
        Assert.DoesNotContain(mail.Code, auth.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_text_whatever_it_holds()
    {
        var auth = await platform.ClientAsync();
        var email = AuthClient.NewEmail();
        const string Name = "<script>alert(1)</script> \"Maya\" & Ümit";
        Assert.Equal(HttpStatusCode.Created, (await auth.PostAsync("/auth/signup", new { email, password = AuthClient.Password, name = Name })).Status);
        var mail = await Mailbox.WaitAsync(auth.Process, email, Subjects.Verify);
        Assert.Contains($"Hello {Name},", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"Hello {WebUtility.HtmlEncode(Name)},", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sign_in_page_learns_where_mail_is_and_the_path_only_on_this_machine()
    {
        var auth = await platform.ClientAsync();
        var here = (await auth.GetAsync("/auth/options")).As<SignInOptions>();
        Assert.Equal(new SignInOptions("folder", 12, Path.Combine(auth.Process.State, "mail")), here);
        var elsewhere = await auth.SendAsync(
            HttpMethod.Get, "/auth/options", headers: [("Throughline-Frontend", auth.ProofOf("forwarded")), ("X-Forwarded-For", "203.0.113.7")]);
        Assert.Equal(new SignInOptions("folder", 12), elsewhere.As<SignInOptions>());
    }

    [Fact]
    public async Task A_server_gets_the_mail_under_our_name_and_password()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = new SmtpSink();
        await using var process = await AuthProcess.StartAsync(stop, [.. SettingsFor(server.Port), ("Mail__UserName", "throughline"), ("Mail__Password", "pass-of-the-mail-server")]);
        var auth = new AuthClient(process);
        var user = await auth.SignUpAsync();

        var mail = await server.WaitForAsync(user.Email, stop);

        Assert.Equal(Subjects.Verify, mail.Subject);
        Assert.Equal("throughline:pass-of-the-mail-server", server.SignedInAs);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.PostAsync("/auth/email/verify", new { code = mail.Code })).Status);
        Assert.Equal(new SignInOptions("smtp", 12), (await auth.GetAsync("/auth/options")).As<SignInOptions>());
        Assert.DoesNotContain("pass-of-the-mail-server", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_outlives_a_server_that_is_away_and_a_restart_of_ours()
    {
        var stop = TestContext.Current.CancellationToken;
        var port = Throughline.Testing.Machine.FreePort();
        await using var process = await AuthProcess.StartAsync(stop, SettingsFor(port));
        var auth = new AuthClient(process);
        var first = await auth.SignUpAsync(); // answered although nobody takes the mail
        await process.WaitForOutputAsync("Mail could not be handed to 127.0.0.1", stop);
        await process.StopAsync();
        await process.StartAsync(stop);
        var second = await new AuthClient(process).SignUpAsync();

        await using var server = new SmtpSink(port);

        await server.WaitForAsync(first.Email, stop);
        await server.WaitForAsync(second.Email, stop);
        Assert.Equal(2, server.Mails.Count);
    }

    [Fact]
    public async Task A_mail_that_the_server_never_takes_is_put_aside_and_one_it_does_not_take_now_is_tried_again()
    {
        var stop = TestContext.Current.CancellationToken;
        var (never, later, tries) = (AuthClient.NewEmail(), AuthClient.NewEmail(), 0);
        await using var server = new SmtpSink
        {
            AnswerToRecipient = to => to == never ? "550 no such mailbox" : to == later && Interlocked.Increment(ref tries) < 3 ? "450 later" : "250 fine",
        };
        await using var process = await AuthProcess.StartAsync(stop, SettingsFor(server.Port));
        var auth = new AuthClient(process);
        await auth.SignUpAsync(never);
        await auth.SignUpAsync(later);
        var other = await auth.SignUpAsync();

        await server.WaitForAsync(other.Email, stop);
        await server.WaitForAsync(later, stop);
        await process.WaitForOutputAsync("was refused with status 550", stop);

        Assert.Equal(3, tries);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(process.State, "mail", "failed")));
        Assert.DoesNotContain(never, process.Output, StringComparison.Ordinal); // whom we write to is nobody's who reads logs
    }

    [Fact]
    public async Task Mail_that_cannot_be_kept_is_told_of_until_one_can()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        var auth = new AuthClient(process);
        var folder = Path.Combine(process.State, "mail");
        Assert.Equal("healthy", await MailAsync());

        Directory.Move(folder, folder + ".aside");
        await File.WriteAllTextAsync(folder, "no folder", stop);
        await auth.SignUpAsync(); // answered all the same
        await process.WaitForOutputAsync("The mail verify-email", stop);
        Assert.StartsWith("degraded: Mail cannot be kept since ", await MailAsync(), StringComparison.Ordinal);

        File.Delete(folder); // where there is none, one is made
        Assert.Equal("healthy", await MailAsync());
        var user = await auth.SignUpAsync();
        await Mailbox.WaitAsync(process, user.Email, Subjects.Verify);

        async Task<string> MailAsync()
        {
            var mail = (await auth.GetAsync("/health/ready")).Json.GetProperty("checks").GetProperty("mail");
            var status = mail.GetProperty("status").GetString()!;
            return mail.TryGetProperty("error", out var error) ? $"{status}: {error.GetString()}" : status;
        }
    }

    [Theory]
    [InlineData("Mail__Port", "0", "Mail:Port|Port")]
    [InlineData("Mail__From", "nobody", "Mail:From")]
    [InlineData("Mail__UserName", "throughline", "Mail__Password")]
    [InlineData("Mail__Security", "Carrier pigeon", "Mail:Security")]
    public async Task A_setting_that_is_no_good_stops_the_start_by_its_name(string key, string value, string named)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        await process.StopAsync();
        process.Set("Mail__Host", "mail.example.com");
        process.Set(key, value);
        Assert.Equal(2, await process.StartInVainAsync(stop));
        Assert.Contains(named.Split('|'), name => process.Output.Contains(name, StringComparison.Ordinal));
    }

    private static (string, string)[] SettingsFor(int port) =>
        [("Mail__Host", "127.0.0.1"), ("Mail__Port", $"{port}"), ("Mail__Security", "None"), ("Mail__RetryAfter", "00:00:00.1")];
}
