using System.Text.RegularExpressions;
using MimeKit;

namespace Throughline.Auth.Tests.Mail;

/// <summary>What a person finds in the mail.</summary>
internal sealed record ReceivedMail(string To, string Subject, string Text, string Html)
{
    /// <summary>The link that stands on a line of its own.</summary>
    public Uri Link => new(Text.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("http", StringComparison.Ordinal)));

    public string Code => Regex.Match(Link.Fragment, "^#code=([A-Za-z0-9_-]{43})$").Groups[1].Value;

    public static ReceivedMail Of(MimeMessage message) =>
        new(((MailboxAddress)message.To.Single()).Address, message.Subject!, message.TextBody!, message.HtmlBody!);
}

/// <summary>Looks into the folder where mail ends without a server.</summary>
internal static class Mailbox
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static IReadOnlyList<ReceivedMail> Of(AuthProcess auth, string email) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(auth.State, "mail"), "*.eml").Order(StringComparer.Ordinal)
            .Select(Read).Where(mail => mail.To == email),
    ];

    /// <summary>Waits until as many mails with this subject have come for <paramref name="email"/>, and returns the last.</summary>
    public static async Task<ReceivedMail> WaitAsync(AuthProcess auth, string email, string subject, int count = 1)
    {
        using var arrived = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(Path.Combine(auth.State, "mail"));
        watcher.Renamed += (_, _) => arrived.Release();
        watcher.EnableRaisingEvents = true;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        while (true)
        {
            var mails = Of(auth, email).Where(mail => mail.Subject == subject).ToList();
            if (mails.Count >= count) return mails[^1];
            try
            {
                await arrived.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{mails.Count} of {count} mails “{subject}” came for {email} within {Patience.TotalSeconds} s: {auth.Output}");
            }
        }
    }

    private static ReceivedMail Read(string path)
    {
        using var message = MimeMessage.Load(path);
        return ReceivedMail.Of(message);
    }
}

/// <summary>Subjects, as people see them.</summary>
internal static class Subjects
{
    public const string Verify = "Confirm your e-mail address";
    public const string Reset = "Choose a new password";
    public const string Changed = "Your password was changed";
    public const string WasReset = "Your password was reset";
    public const string Factors = "The ways to sign in were changed";
}
