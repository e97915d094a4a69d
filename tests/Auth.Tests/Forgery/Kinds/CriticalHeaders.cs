namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 5: headers that change how the rest is read. Each is signed by the right key.</summary>
internal static class CriticalHeaders
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(5, "crit", (m, r) => m.Sign(m.Header(("crit", r.Of("[]", "[\"exp\"]", "[\"b64\"]", "[\"alg\"]", "\"exp\"", "null", "[1]", "[\"http://example.com/unknown\"]", "{}"))), m.Claims())),
        new(5, "crit with what it names", (m, r) => m.Sign(m.Header(("crit", "[\"urn:x\"]"), ("urn:x", r.Of("true", "1", "\"\""))), m.Claims())),
        new(5, "b64 false, the payload encoded all the same", (m, r) => m.Sign(m.Header(("b64", r.Of("false", "true", "\"false\""))), m.Claims())),
        new(5, "b64 false, the payload as it is", (m, _) => Unencoded(m), NeedsVerifier: true),
        new(5, "zip, cty or enc", (m, r) => m.Sign(m.Header(r.Of(("zip", "\"DEF\""), ("cty", "\"JWT\""), ("enc", "\"A256GCM\""), ("epk", "{}"), ("p2c", "2147483647"))), m.Claims())),
        new(5, "a member that nobody knows", (m, r) => m.Sign(m.Header(($"x{r.Next()}", r.Of("1", "null", "\"\"", "[]", "{}"))), m.Claims())),
        new(5, "url, nonce or iss in the header", (m, r) => m.Sign(m.Header((r.Of("url", "nonce", "iss", "sub", "aud", "exp", "ppt", "svt"), r.Of("\"x\"", "1"))), m.Claims())),
    ];

    private static string Unencoded(Mint m)
    {
        var header = Mint.Encode(m.Header(("b64", "false"), ("crit", "[\"b64\"]")));
        var signed = $"{header}.{m.Claims()}";
        return Mint.Complete(signed, m.Signature(signed));
    }
}
