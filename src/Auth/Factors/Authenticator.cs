using OtpNet;

namespace Throughline.Auth.Factors;

/// <summary>The codes of an authenticator (RFC 6238): SHA-1, six digits, steps of 30 seconds, as every app knows them.</summary>
internal static class Authenticator
{
    public const int SecretSize = 20;
    private const int Digits = 6;

    /// <summary>Clocks differ, and typing takes a moment: one step before and after is taken as well.</summary>
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    public static bool LooksLikeCode(string text) => text.Length == Digits && text.All(char.IsAsciiDigit);

    /// <summary>The step that the code is of, or null where it is none of those around <paramref name="now"/>.</summary>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now) =>
        LooksLikeCode(code) && new Totp(secret, totpSize: Digits).VerifyTotp(now.UtcDateTime, code, out var step, Window) ? step : null;

    public static string ToBase32(byte[] secret) => Base32Encoding.ToString(secret).TrimEnd('=');

    public static string UriOf(byte[] secret, string email) =>
        $"otpauth://totp/Throughline:{Uri.EscapeDataString(email)}?secret={ToBase32(secret)}&issuer=Throughline&algorithm=SHA1&digits={Digits}&period=30";
}
