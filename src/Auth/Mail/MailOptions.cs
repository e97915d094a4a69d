using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Throughline.Auth.Mail;

/// <summary>How mail leaves. Configuration section <c>Mail</c>.</summary>
internal sealed class MailOptions : IValidatableObject
{
    /// <summary>The SMTP server. Left out, mail stays as <c>.eml</c> files in the state folder.</summary>
    public string? Host { get; set; }

    /// <value>1 to 65535. Default: 587, where mail is handed in.</value>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>What protects the way to the server. It is insisted on: a server that does not offer it gets no mail.</summary>
    /// <value>Default: StartTls.</value>
    [EnumDataType(typeof(MailSecurity), ErrorMessage = "Mail:Security must be None, StartTls or Tls.")]
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Left out, the server is not signed in to.</summary>
    public string? UserName { get; set; }

    /// <summary>From the environment (<c>Mail__Password</c>) or <c>secrets/mail-password</c>.</summary>
    public string? Password { get; set; }

    public string From { get; set; } = "Throughline <throughline@localhost>";

    /// <summary>After a failed delivery, how long until the next one. It doubles each time, up to five minutes.</summary>
    /// <value>10 ms to 5 minutes. Default: 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a mail that the server does not take is tried again.</summary>
    /// <value>1 second to 7 days. Default: 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan TryFor { get; set; } = TimeSpan.FromDays(1);

    public bool HasServer => !string.IsNullOrWhiteSpace(Host);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!MailboxAddress.TryParse(From, out var from) || !from.Address.Contains('@', StringComparison.Ordinal))
            yield return new("Mail:From is not an e-mail address; write it as Throughline <throughline@example.com>.", [nameof(From)]);
        if (!HasServer || UserName is null) yield break;
        if (string.IsNullOrEmpty(Password))
            yield return new("Mail:UserName is set without a password; set Mail__Password in the environment, or write it to secrets/mail-password.", [nameof(Password)]);
        if (Security == MailSecurity.None && !IsLoopback(Host!))
            yield return new("Mail:Security=None would send the mail server's password in clear; use StartTls or Tls.", [nameof(Security)]);
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

internal enum MailSecurity
{
    None,
    StartTls,
    Tls,
}

[OptionsValidator]
internal sealed partial class MailOptionsValidator : IValidateOptions<MailOptions>;
