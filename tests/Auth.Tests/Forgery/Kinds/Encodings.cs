namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 11: other spellings of a good token, which a lenient decoder reads as the same bytes.</summary>
internal static class Encodings
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(11, "padding", (m, r) => Part(m, r, part => part + r.Of("=", "==", "===", "%3D"))),
        new(11, "white space inside", (m, r) => Inside(m, r, r.Of(" ", "\t"))),
        new(11, "a line break inside", (m, r) => Inside(m, r, r.Of("\n", "\r\n", "\v", "\f")), NeedsVerifier: true),
        new(11, "white space around", (m, r) => r.Of(" ", "\t", "\n", "\u00a0") + m.Good(), NeedsVerifier: true),
        new(11, "a character that is none of base64url", (m, r) => Inside(m, r, r.Of("!", "~", "*", ",", ":", "%00", "%2E", "@"))),
        new(11, "a character beyond ASCII", (m, r) => Inside(m, r, r.Of("é", "\u200b", "Ａ", "\ud83e\udd8a", "\0")), NeedsVerifier: true),
        new(11, "bits set that no encoder sets", SpareBits),
        new(11, "the other alphabet", OtherAlphabet),
        new(11, "a part too many", (m, r) => { var token = m.Good(); return r.Of($"{token}.", $".{token}", $"{token}.{token}", $"{token}..", $"{token}.e30", token.Replace(".", "..", StringComparison.Ordinal)); }),
        new(11, "a part too few", (m, r) => { var parts = m.Good().Split('.'); return r.Of($"{parts[0]}.{parts[2]}", $"{parts[0]}", $"{parts[0]}..{parts[2]}", $".{parts[1]}.{parts[2]}", $"{parts[0]}{parts[1]}.{parts[2]}"); }),
        new(11, "another serialisation", (m, r) => { var p = m.Good().Split('.'); return r.Of(
            $"{{\"protected\":\"{p[0]}\",\"payload\":\"{p[1]}\",\"signature\":\"{p[2]}\"}}",
            $"{{\"payload\":\"{p[1]}\",\"signatures\":[{{\"protected\":\"{p[0]}\",\"signature\":\"{p[2]}\"}}]}}", $"\"{string.Join('.', p)}\"", $"<{string.Join('.', p)}>"); }),
        new(11, "percent-encoded", (m, r) => m.Good().Replace(".", r.Of("%2E", "%2e"), StringComparison.Ordinal)),
    ];

    private static string Part(Mint m, Random r, Func<string, string> change)
    {
        var parts = m.Good().Split('.');
        var at = r.Next(3);
        parts[at] = change(parts[at]);
        return string.Join('.', parts);
    }

    private static string Inside(Mint m, Random r, string what)
    {
        var token = m.Good();
        return token.Insert(r.Next(1, token.Length), what);
    }

    private static string SpareBits(Mint m, Random r)
    {
        var parts = m.Good().Split('.');
        var at = r.Next(3);
        if (parts[at].Length % 4 == 0) at = 2; // a signature always leaves some
        var bits = parts[at].Length % 4 == 2 ? 4 : 2;
        parts[at] = parts[at][..^1] + Alphabet[Alphabet.IndexOf(parts[at][^1], StringComparison.Ordinal) | r.Next(1, 1 << bits)];
        return string.Join('.', parts);
    }

    private static string OtherAlphabet(Mint m, Random _)
    {
        while (true)
        {
            var token = m.Good();
            if (token.AsSpan().ContainsAny('-', '_')) return token.Replace('-', '+').Replace('_', '/');
        }
    }
}
