using System.Globalization;
using System.Net;
using MimeKit;
using MimeKit.Text;
using Throughline.Auth.Sessions;

namespace Throughline.Auth.Mail;

/// <summary>What a mail says, once for its plain and its HTML form.</summary>
/// <param name="Kind">Part of the file's name, for whoever looks into the folder.</param>
/// <param name="Link">A line of its own between the paragraphs; null where there is nothing to open.</param>
internal sealed record MailText(string Kind, string Subject, IReadOnlyList<string> Before, string? Link, IReadOnlyList<string> After)
{
    private const string NotYou = "If that was not you: choose a new password with “Forgot password” on the sign-in page. That ends every sign-in.";

    /// <summary>Keys for programs outlive passwords; who thinks of an intruder must be told.</summary>
    private const string KeysStay = "API keys still work; look through them under Settings.";

    public static MailText VerifyEmail(string name, string link, TimeSpan lifetime) => new(
        "verify-email", "Confirm your e-mail address",
        [$"Hello {name},", "open this link to confirm that this address is yours:"], link,
        [$"It works once, for {Minutes(lifetime)}. Confirming signs out every other device.", "If you have no account at Throughline, ignore this mail."]);

    public static MailText ResetPassword(string name, string link, TimeSpan lifetime) => new(
        "reset-password", "Choose a new password",
        [$"Hello {name},", "somebody, you we hope, asked for a new password. Open this link to choose one:"], link,
        [$"It works once, for {Minutes(lifetime)}, until you ask again. Your second factor, if you have one, is asked for as before.", "If you did not ask, ignore this mail: your password stays as it is."]);

    public static MailText PasswordChanged(string name, DateTimeOffset at, Device from) => new(
        "password-changed", "Your password was changed",
        [$"Hello {name},", $"your password was changed at {When(at)}, from {Where(from)}. Every other device was signed out. {KeysStay}", NotYou], null, []);

    public static MailText PasswordWasReset(string name, DateTimeOffset at, Device from) => new(
        "password-was-reset", "Your password was reset",
        [$"Hello {name},", $"a new password was chosen by mail at {When(at)}, from {Where(from)}. Every device was signed out. {KeysStay}", NotYou], null, []);

    public static MailText FactorChanged(string name, string what, DateTimeOffset at, Device from) => new(
        "factor-changed", "The ways to sign in were changed",
        [$"Hello {name},", $"{what} That was at {When(at)}, from {Where(from)}.", $"{NotYou} If it then asks for a code that you do not have, ask your administrator."], null, []);

    public MimeEntity ToBody() => new MultipartAlternative
    {
        new TextPart(TextFormat.Plain) { Text = string.Join("\n\n", [.. Before, .. (Link is null ? [] : new[] { Link }), .. After]) + "\n" },
        new TextPart(TextFormat.Html) { Text = ToHtml() },
    };

    private string ToHtml()
    {
        // Names and browsers' names are theirs to choose; here they are text.
        var link = Link is null ? "" : $"""<p><a href="{WebUtility.HtmlEncode(Link)}">{WebUtility.HtmlEncode(Link)}</a></p>""";
        return $"""
            <!doctype html>
            <html lang="en"><body style="font-family: sans-serif; max-width: 36em">
            {Paragraphs(Before)}
            {link}
            {Paragraphs(After)}
            </body></html>

            """;
    }

    private static string Paragraphs(IEnumerable<string> texts) => string.Concat(texts.Select(text => $"<p>{WebUtility.HtmlEncode(text)}</p>"));

    private static string Minutes(TimeSpan lifetime) =>
        lifetime < TimeSpan.FromMinutes(1) ? $"{lifetime.TotalSeconds:0} seconds" : $"{lifetime.TotalMinutes:0} minutes";

    private static string When(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Where(Device from) => $"{from.Address ?? "an unknown address"} ({from.UserAgent ?? "unknown browser"})";
}
