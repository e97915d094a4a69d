using System.Security.Cryptography;

namespace Throughline.Auth.Devices;

/// <summary>
/// The code that a person types from a device's screen: eight of twenty consonants, which spell no words and are not taken for each
/// other (RFC 8628 §6.1); 34 bits for ten minutes, and few attempts.
/// </summary>
internal static class UserCode
{
    public const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    public const int Length = 8;

    /// <summary>How OpenIddict shows it.</summary>
    public const string DisplayFormat = "{0}{1}{2}{3}-{4}{5}{6}{7}";

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>The bare code, whatever case and hyphens it was typed with.</summary>
    public static string Normalize(string? typed) => new([.. (typed ?? "").ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);

    public static string Show(string code) => $"{code[..4]}-{code[4..]}";
}
