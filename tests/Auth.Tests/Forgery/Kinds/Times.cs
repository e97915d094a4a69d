namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 9: times that are over, not yet come, or no times. Each is signed by the right key.</summary>
internal static class Times
{
    private const int Skew = 5;

    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(9, "expired this second", (m, _) => With(m, "exp", Mint.Text(m.Truth.Now)), NeedsVerifier: true),
        new(9, "expired a second ago", (m, _) => With(m, "exp", Mint.Text(m.Truth.Now - 1))),
        new(9, "expired", (m, r) => With(m, "exp", Mint.Text(m.Truth.Now - r.Next(2, 1_000_000)))),
        new(9, "not yet, by a second more than the clocks may differ", (m, r) => With(m, r.Of("nbf", "iat"), Mint.Text(m.Truth.Now + Skew + 1)), NeedsVerifier: true),
        new(9, "not yet", (m, r) => With(m, r.Of("nbf", "iat"), Mint.Text(m.Truth.Now + r.Next(120, 1_000_000)))),
        new(9, "a time left out", (m, r) => With(m, r.Of("exp", "nbf", "iat"), null)),
        new(9, "a time of the wrong kind", (m, r) => With(m, r.Of("exp", "nbf", "iat"), r.Of($"\"{m.Truth.Now + 60}\"", "null", "true", $"[{m.Truth.Now + 60}]", "{}", "\"\"", "\"never\""))),
        new(9, "a time that is no whole second", (m, r) => With(m, "exp", r.Of($"{m.Truth.Now + 60}.5", $"{m.Truth.Now + 60}.0", $"{m.Truth.Now + 60}e0", "1e400", "1E+10", "-1e400", "4.1e9"))),
        new(9, "a time that is no number", (m, r) => With(m, "exp", r.Of("NaN", "Infinity", "-Infinity", "0x7fffffff", "+1", "01", "1_000", "٢", "")), NeedsVerifier: false),
        new(9, "a time out of range", (m, r) => With(m, r.Of("exp", "nbf", "iat"), r.Of("-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "99999999999999999999", "253402300800", $"{m.Truth.Now}000"))),
        new(9, "in milliseconds", (m, _) => With(m, "exp", Mint.Text((m.Truth.Now + 900) * 1000))),
    ];

    private static string With(Mint m, string name, string? json) => m.Sign(m.Header(), m.Claims((name, json)));
}
