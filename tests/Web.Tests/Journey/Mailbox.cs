using System.Text.RegularExpressions;
using MimeKit;
using Throughline.Testing;

namespace Throughline.Web.Tests.Journey;

/// <summary>The folder to which a server without a mail server writes its mail, as a person reads it.</summary>
internal sealed partial class Mailbox(TestState state)
{
    private static readonly TimeSpan ArrivesWithin = TimeSpan.FromSeconds(20);

    public string Folder => state.PathOf("mail");

    /// <summary>Waits until <paramref name="email"/> has got its n-th mail with a link to <paramref name="page"/>, and returns that link.</summary>
    public async Task<string> LinkAsync(string email, string page, int nth, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ArrivesWithin);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            do
            {
                if (Links(email, page).ElementAtOrDefault(nth - 1) is { } link)
                    return link;
            }
            while (await look.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // falls through to the message
        }

        throw new TimeoutException($"No mail number {nth} with a link to {page} came for {email} within {ArrivesWithin.TotalSeconds} s.");
    }

    // Names begin with the time, so they sort as the mails were written.
    private IEnumerable<string> Links(string email, string page) =>
        !Directory.Exists(Folder)
            ? []
            : from path in Directory.EnumerateFiles(Folder, "*.eml").Order(StringComparer.Ordinal)
              let mail = MimeMessage.Load(path)
              where mail.To.Mailboxes.Any(to => to.Address == email)
              let link = Link().Match(mail.TextBody ?? "")
              where link.Success && link.Value.Contains(page, StringComparison.Ordinal)
              select link.Value;

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Link();
}
