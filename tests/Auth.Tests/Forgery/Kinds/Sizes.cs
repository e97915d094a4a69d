using System.Text;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 7: too long, too deep, too many. Each is signed by the right key.</summary>
internal static class Sizes
{
    private const int MaxToken = 8 * 1024;

    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(7, "one character too long", (m, _) => Padded(m, MaxToken + 1)),
        new(7, "longer than allowed", (m, r) => Padded(m, r.Next(MaxToken + 2, 20_000))),
        new(7, "longer than any header", (m, r) => Padded(m, r.Next(40_000, 300_000)), NeedsVerifier: true),
        new(7, "too deep", (m, r) => m.Sign(m.Header(), m.Claims(("x", Nested(r.Next(9, 2_000)))))),
        new(7, "ten thousand deep", (m, _) => m.Sign(m.Header(), m.Claims(("x", Nested(10_000)))), NeedsVerifier: true),
        new(7, "too deep in the header", (m, r) => m.Sign(m.Header(("x", Nested(r.Next(3, 1_000)))), m.Claims())),
        new(7, "too many claims", (m, r) => m.Sign(m.Header(), Many(m, r.Next(51, 400)))),
        new(7, "a hundred thousand claims", (m, _) => m.Sign(m.Header(), Many(m, 100_000)), NeedsVerifier: true),
        new(7, "an encrypted token", (m, r) => Encrypted(r, "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}")),
        new(7, "an encrypted token that inflates", (m, r) => Encrypted(r, "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}")),
        new(7, "a password hashed two thousand million times", (m, r) => Encrypted(r, "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\",\"p2c\":2147483647,\"p2s\":\"AAAA\"}")),
        new(7, "dots", (m, r) => new string('.', r.Next(1, 8_000))),
    ];

    /// <summary>Right in everything but its length, which is this or one more: not every length is one of base64.</summary>
    private static string Padded(Mint m, int length)
    {
        var (header, claims) = (m.Header(), m.Claims(("x", "\"\"")));
        var rest = Mint.Encode(header).Length + (m.Truth.Secret is null ? 88 : 45); // two dots, and the signature
        var filler = new string('a', (((length - rest) * 3) + 3) / 4 - claims.Length);
        return m.Sign(header, claims.Replace("\"x\":\"\"", $"\"x\":\"{filler}\"", StringComparison.Ordinal));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Many(Mint m, int count)
    {
        var claims = new StringBuilder(m.Claims()[..^1]);
        for (var i = 0; i < count; i++) claims.Append($",\"c{i}\":0");
        return claims.Append('}').ToString();
    }

    private static string Encrypted(Random r, string header) =>
        string.Join('.', Mint.Encode(header), r.Of("", "AAAA"), "AAAAAAAAAAAAAAAA", Mint.Encode($"{{\"sub\":{r.Next()}}}"), "AAAAAAAAAAAAAAAAAAAAAA");
}
