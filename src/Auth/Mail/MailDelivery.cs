using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Throughline.Auth.Mail;

/// <summary>
/// Hands waiting mail to the SMTP server, oldest first, and tries again with growing patience while the server does not answer. A mail
/// that a crash met between the server's yes and the file's end is sent twice; none is lost.
/// </summary>
internal sealed partial class MailDelivery(
    MailFolder folder, MailSignal signal, MailHealth health, IOptions<MailOptions> options, TimeProvider time, ILogger<MailDelivery> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(5);
    private readonly MailOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.HasServer) return;
        var failures = 0;
        while (true)
        {
            try
            {
                failures = await DeliverAsync(stoppingToken) ? 0 : failures + 1;
                health.Delivered();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && IsLoss(e))
            {
                failures++;
                health.Failed();
                Log.Failed(logger, e, _options.Host!, PatienceAfter(failures).TotalSeconds);
            }
            // While the server is away a new mail does not hurry it.
            if (failures > 0) await Task.Delay(PatienceAfter(failures), time, stoppingToken);
            else await signal.WaitAsync(stoppingToken);
        }
    }

    /// <returns>Whether nothing waits any longer.</returns>
    private async Task<bool> DeliverAsync(CancellationToken cancellationToken)
    {
        var waiting = folder.Waiting();
        foreach (var path in waiting.Where(folder.IsOverdue)) SetAside(path, "was tried for too long");
        waiting = [.. waiting.Where(File.Exists)];
        if (waiting.Count == 0) return true;

        using var client = new SmtpClient { Timeout = 30_000 };
        await client.ConnectAsync(_options.Host!, _options.Port, SecurityOf(_options.Security), cancellationToken);
        if (_options.UserName is { } user) await client.AuthenticateAsync(user, _options.Password!, cancellationToken);
        var left = 0;
        foreach (var path in waiting)
            if (!await TryHandOverAsync(client, path, cancellationToken)) left++;
        await client.DisconnectAsync(quit: true, cancellationToken);
        return left == 0;
    }

    /// <returns>False where it must be tried again.</returns>
    private async Task<bool> TryHandOverAsync(SmtpClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var message = await MimeMessage.LoadAsync(path, cancellationToken);
            await client.SendAsync(message, cancellationToken);
            File.Delete(path);
            Log.Delivered(logger, Path.GetFileName(path));
        }
        catch (SmtpCommandException notNow) when ((int)notNow.StatusCode < 500) // 4xx: later. 5xx: never (RFC 5321 §4.2.1)
        {
            Log.Deferred(logger, Path.GetFileName(path), (int)notNow.StatusCode);
            return false;
        }
        catch (SmtpCommandException never)
        {
            SetAside(path, $"was refused with status {(int)never.StatusCode}");
        }
        catch (FormatException)
        {
            SetAside(path, "is no mail");
        }
        return true;
    }

    private void SetAside(string path, string why)
    {
        folder.SetAside(path);
        Log.SetAside(logger, Path.GetFileName(path), why);
    }

    private TimeSpan PatienceAfter(int failures)
    {
        var patience = _options.RetryAfter * Math.Pow(2, Math.Min(failures - 1, 20));
        return patience < LongestPatience ? patience : LongestPatience;
    }

    private static SecureSocketOptions SecurityOf(MailSecurity security) => security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
    };

    /// <summary>The server is away, refuses us, or speaks something else; or the disk fails. Anything else is a bug.</summary>
    private static bool IsLoss(Exception e) =>
        e is SocketException or IOException or UnauthorizedAccessException or TimeoutException or OperationCanceledException or NotSupportedException
            or AuthenticationException or SslHandshakeException or ProtocolException or CommandException or ServiceNotConnectedException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Mail {File} was handed to the server")]
        public static partial void Delivered(ILogger logger, string file);

        [LoggerMessage(2, LogLevel.Warning, "The mail server does not take {File} now (status {Status}); it is tried again")]
        public static partial void Deferred(ILogger logger, string file, int status);

        [LoggerMessage(3, LogLevel.Error, "Mail {File} {Why}; it lies in mail/failed")]
        public static partial void SetAside(ILogger logger, string file, string why);

        [LoggerMessage(4, LogLevel.Error, "Mail could not be handed to {Host}; it is kept and tried again in {Seconds} s")]
        public static partial void Failed(ILogger logger, Exception exception, string host, double seconds);
    }
}
