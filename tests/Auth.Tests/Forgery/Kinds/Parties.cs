namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 10: from another issuer, for another audience, about nobody. Each is signed by the right key.</summary>
internal static class Parties
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(10, "another audience", (m, r) => With(m, "aud", r.Of(
            "\"throughline-internal\"", "\"throughline-cli\"", "\"Throughline\"", "\"THROUGHLINE\"", "\"throughline \"", "\" throughline\"", "\"throughline\\u0000\"", "\"throughline.\"", "\"through\"",
            "\"\"", "\"*\"", "\"api\"", $"\"{m.Truth.Issuer}\"", "\"thr\\u043eughline\""))),
        new(10, "an audience of the wrong kind", (m, r) => With(m, "aud", r.Of(null, "null", "1", "true", "{\"throughline\":1}", "[[\"throughline\"]]", "[1]", "[null,\"throughline\"]"))),
        new(10, "a list without ours", (m, r) => With(m, "aud", r.Of("[]", "[\"throughline-internal\"]", "[\"a\",\"b\"]", "[\"Throughline\"]", "[\"\"]"))),
        new(10, "another issuer", (m, r) => With(m, "iss", $"\"{Almost(m.Truth.Issuer, r)}\"")),
        new(10, "an issuer of the wrong kind", (m, r) => With(m, "iss", r.Of(null, "null", "1", $"[\"{m.Truth.Issuer}\"]", $"{{\"{m.Truth.Issuer}\":1}}", "\"\""))),
        new(10, "a subject that is nobody", (m, r) => With(m, "sub", r.Of(null, "null", "1", "\"\"", "\"admin\"", "\"root\"", "[]", "{}", $"[\"{m.Truth.User}\"]", $"\"{m.Truth.User:N}\"", "\"maya@example.com\"", $"\"{m.Truth.User}\\u0000\"", "\"*\""))),
        new(10, "no session", (m, r) => With(m, "sid", r.Of(null, "null", "1", "\"\"", "\"*\"", "[]", $"\"{m.Truth.Session:N}\"", $"\"{m.Truth.Session}x\""))),
        new(10, "a claim left out", (m, r) => With(m, r.Of("jti", "client_id", "role", "tier", "scope"), null)),
        new(10, "a claim of the wrong kind", (m, r) => With(m, r.Of("jti", "client_id", "role", "tier", "scope"), r.Of("1", "null", "true", "[\"admin\"]", "{\"admin\":true}"))),
        new(10, "a claim in another case", (m, r) => m.Sign(m.Header(), m.Claims().Replace($"\"{r.Of("sub", "aud", "iss", "exp", "sid", "jti")}\"", $"\"{r.Of("SUB", "Aud", "ISS", "Exp", "Sid", "JTI")}\"", StringComparison.Ordinal))),
    ];

    private static string With(Mint m, string name, string? json) => m.Sign(m.Header(), m.Claims((name, json)));

    private static string Almost(string issuer, Random r) => r.Next(10) switch
    {
        0 => $"{issuer}/",
        1 => issuer.ToUpperInvariant(),
        2 => issuer.Replace("http:", "https:", StringComparison.Ordinal),
        3 => issuer.Replace("localhost", "127.0.0.1", StringComparison.Ordinal),
        4 => $"{issuer}{r.Next(10)}",
        5 => $"{issuer}@evil.example",
        6 => $"{issuer} ",
        7 => $"{issuer}/tenant-{r.Next(100)}",
        8 => $"{issuer}\\u0000",
        _ => $"https://{r.Next()}.example",
    };
}
