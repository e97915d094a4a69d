using System.Buffers;
using System.Buffers.Text;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The three parts of a compact JWS (RFC 7515 §7.1), split and decoded with no leniency: base64url only, no padding, no
/// whitespace, no spare bits set. Two different strings never decode to the same token.
/// </summary>
internal static class CompactToken
{
    /// <summary>Longest token that is looked at at all, in characters.</summary>
    public const int MaxLength = 8 * 1024;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Finds the two dots of a token with exactly three non-empty parts.</summary>
    public static bool TrySplit(ReadOnlySpan<char> token, out int first, out int second)
    {
        first = token.IndexOf('.');
        second = first < 0 ? -1 : token[(first + 1)..].IndexOf('.') + first + 1;
        return first > 0 && second > first + 1 && second < token.Length - 1
            && !token[..first].ContainsAnyExcept(Alphabet)
            && !token[(first + 1)..second].ContainsAnyExcept(Alphabet)
            && !token[(second + 1)..].ContainsAnyExcept(Alphabet);
    }

    /// <summary>Decodes one part; false where the last character carries bits that no encoder sets.</summary>
    public static bool TryDecode(ReadOnlySpan<char> part, Span<byte> destination, out int written)
    {
        // Looked at first: the decoder throws for such a part instead of answering false.
        written = 0;
        return HasNoSpareBits(part) && Base64Url.TryDecodeFromChars(part, destination, out written);
    }

    private static bool HasNoSpareBits(ReadOnlySpan<char> part)
    {
        var spare = (part.Length % 4) switch { 0 => 0, 2 => 0b1111, 3 => 0b11, _ => -1 };
        return spare >= 0 && (ValueOf(part[^1]) & spare) == 0;
    }

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '-' => 62,
        _ => 63,
    };
}
