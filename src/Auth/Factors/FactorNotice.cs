using Throughline.Auth.Mail;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Factors;

/// <summary>Tells the account's owner by mail that something else signs in now: whoever did not do it must hear of it elsewhere than in the browser.</summary>
internal sealed class FactorNotice(Mailer mailer, TimeProvider time)
{
    /// <param name="what">What happened, as a sentence.</param>
    public Task SendAsync(HttpContext context, string what) =>
        // It has happened; a caller who leaves does not keep its owner from hearing of it.
        mailer.SendAsync(context.LiveSession().User, MailText.FactorChanged(context.LiveSession().User.Name, what, time.GetUtcNow(), Device.Of(context)), CancellationToken.None);
}
