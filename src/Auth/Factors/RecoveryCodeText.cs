using System.Security.Cryptography;
using System.Text;
using OtpNet;

namespace Throughline.Auth.Factors;

/// <summary>A recovery code as people have it: <c>ABCD-EFGH-IJKL-MNOP</c>. Case, hyphens and spaces do not matter.</summary>
internal static class RecoveryCodeText
{
    public const int Count = 10;

    /// <summary>80 bits: nobody guesses one, so a plain hash keeps it.</summary>
    private const int Size = 10;

    public static List<string> NewSet() => [.. Enumerable.Range(0, Count).Select(_ => New())];

    public static byte[] HashOf(string text) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(new string([.. text.Where(char.IsAsciiLetterOrDigit)]).ToUpperInvariant()));

    private static string New() => string.Join('-', Base32Encoding.ToString(RandomNumberGenerator.GetBytes(Size)).Chunk(4).Select(part => new string(part)));
}
