using Microsoft.Extensions.Options;
using MimeKit;
using Throughline.Auth.Accounts;

namespace Throughline.Auth.Mail;

/// <summary>Takes mail to be sent. It is on disk when this returns; the server gets it later (<see cref="MailDelivery"/>).</summary>
internal sealed partial class Mailer(
    MailFolder folder, MailSignal signal, MailHealth health, IOptions<MailOptions> options, TimeProvider time, ILogger<Mailer> logger)
{
    public async Task SendAsync(User to, MailText text, CancellationToken cancellationToken)
    {
        using var message = new MimeMessage
        {
            Subject = text.Subject,
            Date = time.GetUtcNow(),
            Body = text.ToBody(),
        };
        message.From.Add(MailboxAddress.Parse(options.Value.From));
        message.To.Add(new MailboxAddress(to.Name, to.Email!));
        // Nobody's holiday notice shall answer (RFC 3834 §5).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        try
        {
            await folder.PutAsync(message, text.Kind, cancellationToken);
            health.Kept();
            signal.Ring();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the mail tells of has happened all the same, and a code can be asked for again.
            health.NotKept(e.Message);
            Log.NotKept(logger, e, text.Kind, to.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The mail {Kind} to user {UserId} could not be written")]
        public static partial void NotKept(ILogger logger, Exception exception, string kind, Guid userId);
    }
}

/// <summary>Tells the delivery that there is mail. A ring that nobody hears yet is kept; two are one.</summary>
internal sealed class MailSignal : IDisposable
{
    private readonly SemaphoreSlim _rings = new(0, 1);

    public void Ring()
    {
        try
        {
            _rings.Release();
        }
        catch (SemaphoreFullException)
        {
            // One is waiting to be heard already.
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => _rings.WaitAsync(cancellationToken);

    public void Dispose() => _rings.Dispose();
}
