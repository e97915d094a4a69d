namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 8: tokens of another kind, real ones among them.</summary>
internal static class OtherTypes
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(8, "another typ", (m, r) => m.Sign(m.Header(("typ", r.Of(
            "\"JWT\"", "\"jwt\"", "\"AT+JWT\"", "\"at+JWT\"", "\"application/at+jwt\"", "\"at+jwt \"", "\" at+jwt\"", "\"at+jwt;charset=utf-8\"", "\"at jwt\"", "\"at+jwt\\u0000\"",
            "\"logout+jwt\"", "\"dpop+jwt\"", "\"secevent+jwt\"", "\"token-introspection+jwt\"", "\"JOSE\"", "\"\""))), m.Claims())),
        new(8, "typ of the wrong kind", (m, r) => m.Sign(m.Header(("typ", r.Of(null, "null", "1", "true", "[\"at+jwt\"]", "{\"at+jwt\":1}"))), m.Claims())),
        new(8, "a real identity token", (m, _) => m.Truth.Others.Identity),
        new(8, "an identity token's claims", (m, r) => m.Sign(m.Header(("typ", "\"JWT\"")), m.Claims(("aud", "\"throughline-cli\""), ("nonce", $"\"{r.Next()}\"")))),
        new(8, "a real refresh token", (m, _) => m.Truth.Others.Refresh),
        new(8, "a refresh token that never was", (_, r) => $"tlr_{Noise(r, 43)}"),
        new(8, "a real socket ticket", (m, _) => m.Truth.Others.Ticket),
        new(8, "an API key that never was", (_, r) => $"tl_{Noise(r, 43)}"),
        new(8, "a service's real token", (m, _) => m.Truth.Others.Service),
        new(8, "a service's claims", (m, r) => m.Sign(m.Header(), m.Claims(
            ("aud", "\"throughline-internal\""), ("sub", $"\"throughline-{r.Of("backend", "frontend", "operator")}\""), ("sid", null), ("role", null), ("tier", null)))),
        new(8, "a token inside a token", (m, _) => m.Sign(m.Header(("typ", "\"JWT\"")), $"\"{m.Good()}\"")),
        new(8, "some text", (_, r) => Noise(r, r.Next(1, 200))),
        new(8, "three parts of nothing", (_, r) => $"{Noise(r, r.Next(1, 90))}.{Noise(r, r.Next(1, 90))}.{Noise(r, 86)}"),
    ];

    private static string Noise(Random r, int length)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return string.Create(length, r, static (text, r) =>
        {
            foreach (ref var c in text) c = Alphabet[r.Next(Alphabet.Length)];
        });
    }
}
