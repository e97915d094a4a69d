using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.ServiceDefaults;

/// <summary>
/// How an API key is written: <c>tl_</c>, by which secret scanners know it, 256 random bits in base64url, and four characters of
/// their SHA-256. A typing error, or what a scanner merely takes for a key, shows without asking anybody.
/// </summary>
public static class ApiKeyText
{
    public const string Prefix = "tl_";
    private const int CheckLength = 4;
    private const int Length = 3 + 43 + CheckLength;

    public static string New()
    {
        var start = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return start + CheckOf(start);
    }

    /// <summary>Whether the text claims to be a key. Access tokens are JWTs and never begin so.</summary>
    public static bool IsOne(string? text) => text is not null && text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether it can be a key at all.</summary>
    public static bool IsWellFormed(string text) =>
        IsOne(text) && text.Length == Length && text.AsSpan(Length - CheckLength).SequenceEqual(CheckOf(text[..^CheckLength]));

    /// <summary>What is stored in its place. With 256 random bits nobody finds the key from it, however fast the hash.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string CheckOf(string start) => Base64Url.EncodeToString(HashOf(start).AsSpan(0, 3));
}
