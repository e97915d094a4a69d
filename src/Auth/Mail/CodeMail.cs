using Microsoft.Extensions.Options;
using Throughline.Auth.Accounts;
using Throughline.Auth.Database;

namespace Throughline.Auth.Mail;

/// <summary>
/// Mails links that carry a code. The code stands behind the <c>#</c>: no server, proxy or Referer header ever sees it, only the page.
/// </summary>
internal sealed class CodeMail(
    DatabaseWriter writer, OneTimeCodes codes, Mailer mailer, PublicPages pages, IOptions<AccountOptions> options)
{
    public async Task SendVerificationAsync(User user, CancellationToken cancellationToken)
    {
        string code;
        await using (var write = await writer.BeginAsync(cancellationToken)) // two at once must not leave two codes
        {
            code = await codes.IssueAsync(user.Id, OneTimeCodes.VerifyEmail, cancellationToken);
            await write.CommitAsync(cancellationToken);
        }
        var link = await pages.AddressOfAsync($"/verify-email#code={code}", cancellationToken);
        await mailer.SendAsync(user, MailText.VerifyEmail(user.Name, link, options.Value.CodeLifetime), cancellationToken);
    }

    /// <param name="code">Issued with what else the request for it writes.</param>
    public async Task SendResetAsync(User user, string code, CancellationToken cancellationToken)
    {
        var link = await pages.AddressOfAsync($"/reset-password#code={code}", cancellationToken);
        await mailer.SendAsync(user, MailText.ResetPassword(user.Name, link, options.Value.CodeLifetime), cancellationToken);
    }
}
