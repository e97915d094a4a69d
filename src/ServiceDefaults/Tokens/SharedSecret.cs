using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The secret of <c>JWT_SECRET_KEY</c>: set, it signs and verifies every access token with HS256, for an installation whose other systems
/// share one already. It is never printed, and no hash of it is ever published.
/// </summary>
public sealed class SharedSecret
{
    /// <summary>The configuration key, and the environment variable.</summary>
    public const string Setting = "JWT_SECRET_KEY";

    /// <summary>As long as the hash, RFC 7518 §3.2.</summary>
    public const int LeastBytes = 32;

    private readonly byte[] _key;

    private SharedSecret(string text) => _key = Encoding.UTF8.GetBytes(text);

    /// <summary>The secret that the configuration holds; null where it holds none.</summary>
    /// <exception cref="StartupException">It is of no use; exit code 2, saying what to do.</exception>
    public static SharedSecret? Of(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration[Setting] is not { } text) return null;
        return FaultOf(text) is { } fault ? throw new StartupException(ExitCode.Configuration, fault) : new(text);
    }

    /// <returns>One sentence with the remedy; null for a secret that can be used.</returns>
    public static string? FaultOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            return $"{Setting} is empty: unset it to sign with auth's own keys, or set it to {LeastBytes} bytes or more.";
        // A secret that was read from a file with its newline differs from the same one without; nobody would see why.
        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
            return $"{Setting} begins or ends with white space: remove it, and the line break of the file it may come from.";
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes < LeastBytes
            ? $"{Setting} is {bytes} bytes long: set it to {LeastBytes} bytes or more, for example what `openssl rand -base64 48` prints."
            : null;
    }

    /// <summary>HMAC-SHA256.</summary>
    public byte[] Sign(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content);

    /// <summary>A key for one purpose, from which the secret cannot be had.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, HMACSHA256.HashSizeInBytes, info: Encoding.UTF8.GetBytes($"throughline {purpose}"));

    internal bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, signed, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
