using System.Buffers.Text;
using System.Text;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 6: JSON that two parsers read differently, or that is none. Each is signed by the right key.</summary>
internal static class OddJson
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(6, "alg twice", (m, r) => m.Sign(Twice(r, m.Header(), "alg", r.Of("\"none\"", "\"HS256\"", "\"ES256\"")), m.Claims())),
        new(6, "typ twice", (m, r) => m.Sign(Twice(r, m.Header(), "typ", r.Of("\"JWT\"", "\"at+jwt\"", "null")), m.Claims())),
        new(6, "a header member twice, once in disguise", (m, r) => m.Sign(Twice(r, m.Header(), r.Of("\\u0061lg", "a\\u006cg", "\\u0074yp", "ty\\u0070"), r.Of("\"none\"", "\"JWT\"")), m.Claims())),
        new(6, "a claim twice", (m, r) => m.Sign(m.Header(), Twice(r, m.Claims(), r.Of("sub", "sid", "jti", "iss", "client_id", "scope", "tier"), $"\"{Guid.NewGuid()}\""))),
        new(6, "a claim twice, once in disguise", (m, r) => m.Sign(m.Header(), Twice(r, m.Claims(), Disguised(r, r.Of("sub", "role", "sid", "aud", "exp")), r.Of("\"admin\"", $"\"{Guid.NewGuid()}\"", "4102444800")))),
        new(6, "role or expiry twice", (m, r) => { var (name, value) = r.Of(("role", "\"admin\""), ("exp", "4102444800"), ("aud", "\"throughline\"")); return m.Sign(m.Header(), Twice(r, m.Claims(), name, value)); }),
        new(6, "an unknown claim twice", (m, r) => m.Sign(m.Header(), m.Claims().Insert(1, $"\"x{r.Next(9)}y\":1,\"other\":[],\"other\":[],"))),
        new(6, "a byte order mark", (m, r) => r.Next(2) == 0 ? m.Sign("\uFEFF" + m.Header(), m.Claims()) : m.Sign(m.Header(), "\uFEFF" + m.Claims())),
        new(6, "half a surrogate pair, escaped", (m, r) => m.Sign(m.Header(), m.Claims((r.Of("jti", "client_id", "scope", "role", "tier", "sub"), r.Of("\"\\ud800\"", "\"a\\udfff\"", "\"\\udc00\\ud800\""))))),
        new(6, "half a surrogate pair, in the header", (m, r) => m.Sign(m.Header((r.Of("kid", "typ", "alg"), r.Of("\"\\ud800\"", "\"\\udfffES256\""))), m.Claims())),
        new(6, "bytes that are no UTF-8", (m, r) => m.SignEncoded(Mint.Encode(m.Header()), Broken(m, r))),
        new(6, "another encoding", (m, r) => m.SignEncoded(Base64Url.EncodeToString(r.Of(Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32).GetBytes(m.Header())), Mint.Encode(m.Claims()))),
        new(6, "a subject that looks the same", (m, r) => m.Sign(m.Header(), m.Claims(("sub", $"\"{LookAlike(m.Truth.User.ToString(), r)}\"")))),
        new(6, "something after the object", (m, r) => { var tail = r.Of("{}", ",", "x", "]", "\0", "//", "null", "\u00a0"); return r.Next(2) == 0 ? m.Sign(m.Header() + tail, m.Claims()) : m.Sign(m.Header(), m.Claims() + tail); }),
        new(6, "comments and commas", (m, r) => m.Sign(m.Header(), r.Of(m.Claims().Insert(1, "/* */"), m.Claims()[..^1] + ",}", m.Claims().Insert(1, ","), m.Claims().Insert(1, "// \n")))),
        new(6, "quotes that are none", (m, r) => r.Next(2) == 0 ? m.Sign(m.Header().Replace('"', '\''), m.Claims()) : m.Sign(m.Header(), m.Claims().Replace("\"sub\"", "sub", StringComparison.Ordinal))),
        new(6, "cut short", (m, r) => { var claims = m.Claims(); return m.Sign(m.Header(), claims[..r.Next(1, claims.Length)]); }),
        new(6, "no object", (m, r) => { var json = r.Of("[]", "null", "true", "1", "\"x\"", "[[]]", "{", "}", " ", "NaN"); return r.Next(2) == 0 ? m.Sign(json, m.Claims()) : m.Sign(m.Header(), json); }),
        new(6, "a raw line break in a text", (m, r) => m.Sign(m.Header(), m.Claims((r.Of("jti", "name", "scope"), $"\"a{r.Of("\n", "\r", "\t", "\0", "\u001f")}b\"")))),
    ];

    /// <summary>Before the first member or after the last: parsers differ in which one they keep.</summary>
    private static string Twice(Random r, string json, string name, string value) =>
        r.Next(2) == 0 ? json.Insert(1, $"\"{name}\":{value},") : $"{json[..^1]},\"{name}\":{value}}}";

    private static string Disguised(Random r, string name)
    {
        var at = r.Next(name.Length);
        return $"{name[..at]}\\u{(int)name[at]:x4}{name[(at + 1)..]}";
    }

    private static string Broken(Mint m, Random r)
    {
        var bytes = Encoding.UTF8.GetBytes(m.Claims(("jti", "\"??\"")));
        var at = bytes.AsSpan().IndexOf("??"u8);
        // A lone continuation byte, an overlong slash, half a surrogate pair's second byte, a byte that UTF-8 never has.
        r.Of<byte[]>([0x80, 0x41], [0xC0, 0xAF], [0xED, 0xA0], [0xFE, 0xFF]).CopyTo(bytes, at);
        return Base64Url.EncodeToString(bytes);
    }

    private static string LookAlike(string id, Random r)
    {
        var digits = Enumerable.Range(0, id.Length).Where(i => char.IsAsciiDigit(id[i])).ToList();
        var at = r.Of(digits);
        return r.Next(4) switch
        {
            0 => $"{id[..at]}{(char)(0xFF10 + (id[at] - '0'))}{id[(at + 1)..]}", // a full-width digit
            1 => id.Replace('-', '\u2010'),
            2 => $"{{{id}}}",
            _ => $"{id}\u0301",
        };
    }
}
