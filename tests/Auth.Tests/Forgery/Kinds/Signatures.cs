using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 12: signatures at the edges of ES256, of another form, or of something else.</summary>
internal static class Signatures
{
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(12, "r or s at an edge", (m, r) => Signed(m, signature => [.. Half(r, signature[..32]), .. Edge(r)]), Only: Algorithms.Es256),
        new(12, "r and s at an edge", (m, r) => Signed(m, _ => [.. Edge(r), .. Edge(r)]), Only: Algorithms.Es256),
        new(12, "r and s exchanged", (m, _) => Signed(m, signature => [.. signature[32..], .. signature[..32]]), Only: Algorithms.Es256),
        new(12, "one bit flipped", (m, r) => Signed(m, signature => { signature[r.Next(signature.Length)] ^= (byte)(1 << r.Next(8)); return signature; })),
        new(12, "too short or too long", (m, r) => Signed(m, signature => r.Of<byte[]>(signature[..^1], [.. signature, 0], [0, .. signature], signature[..(signature.Length / 2)], [], [.. signature, .. signature], signature[..r.Next(1, signature.Length - 1)]))),
        new(12, "as DER", (m, _) => Der(m), Only: Algorithms.Es256),
        new(12, "of another token", (m, _) => { var (one, other) = (m.Good().Split('.'), m.Good().Split('.')); return $"{one[0]}.{one[1]}.{other[2]}"; }),
        new(12, "of the payload alone", (m, _) => Mint.SignWith(m.Header(), m.Claims(), signed => m.Signature(Encoding.ASCII.GetString(signed).Split('.')[1]))),
        new(12, "under another hash", (m, r) => Mint.SignWith(m.Header(), m.Claims(), signed => m.Published.SignData(signed, r.Of(HashAlgorithmName.SHA1, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512))), Only: Algorithms.Es256),
        new(12, "at random", (m, r) => Signed(m, signature => { r.NextBytes(signature); return signature; })),
        new(12, "one character of the token exchanged", Exchanged),
        new(12, "another payload under a good signature", Tampered),
        new(12, "another header over a good signature", (m, r) => { var p = m.Good().Split('.'); return $"{Mint.Encode(m.Header(("x", $"\"{r.Next()}\"")))}.{p[1]}.{p[2]}"; }),
    ];

    private static string Signed(Mint m, Func<byte[], byte[]> change)
    {
        var signed = $"{Mint.Encode(m.Header())}.{Mint.Encode(m.Claims())}";
        return Mint.Complete(signed, change(m.Signature(signed)));
    }

    private static byte[] Half(Random r, byte[] right) => r.Next(3) == 0 ? Edge(r) : right;

    /// <summary>0, 1, n − 1, n, n + 1, 2²⁵⁶ − 1.</summary>
    private static byte[] Edge(Random r)
    {
        byte[] edge = r.Of<byte[]>(new byte[32], [.. new byte[31], 1], [.. Order], [.. Order], Enumerable.Repeat((byte)0xFF, 32).ToArray());
        if (edge.AsSpan().SequenceEqual(Order)) edge[31] = (byte)(edge[31] + r.Next(-1, 2));
        return edge;
    }

    private static string Der(Mint m)
    {
        var signed = $"{Mint.Encode(m.Header())}.{Mint.Encode(m.Claims())}";
        return Mint.Complete(signed, m.Published.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static string Exchanged(Mint m, Random r)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var token = m.Good();
        var at = r.Next(token.Length);
        char other;
        do other = Alphabet[r.Next(64)];
        while (other == token[at]);
        return $"{token[..at]}{other}{token[(at + 1)..]}";
    }

    private static string Tampered(Mint m, Random r)
    {
        var parts = m.Good().Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var change = r.Of(("\"role\":\"user\"", "\"role\":\"admin\""), ("\"tier\":\"free\"", "\"tier\":\"enterprise\""), ($"{m.Truth.User}", $"{Guid.NewGuid()}"), ($"{m.Truth.Session}", $"{Guid.NewGuid()}"), ("\"exp\":", "\"exp\":9"));
        return $"{parts[0]}.{Mint.Encode(claims.Replace(change.Item1, change.Item2, StringComparison.Ordinal))}.{parts[2]}";
    }
}
