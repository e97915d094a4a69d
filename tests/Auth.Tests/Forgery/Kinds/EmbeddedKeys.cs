using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Row 3: a token that brings its own key, or says where to fetch one. Signed by that key, and also by the right one.</summary>
internal static class EmbeddedKeys
{
    private static readonly Lazy<string> Certificate = new(NewCertificate);

    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(3, "jwk", (m, r) => Sign(m, r, ("jwk", Jwk(m, r)))),
        new(3, "x5c", (m, r) => Sign(m, r, ("x5c", r.Of($"[\"{Certificate.Value}\"]", $"\"{Certificate.Value}\"", "[]")))),
        new(3, "x5t", (m, r) => Sign(m, r, (r.Of("x5t", "x5t#S256"), $"\"{Base64Url.EncodeToString(SHA256.HashData([(byte)r.Next(256)]))}\""))),
        new(3, "jku", (m, r) => Sign(m, r, ("jku", Address(m, r)))),
        new(3, "x5u", (m, r) => Sign(m, r, ("x5u", Address(m, r)))),
        new(3, "jku and x5u and jwk", (m, r) => Sign(m, r, ("jku", Address(m, r)), ("x5u", Address(m, r)), ("jwk", Jwk(m, r)))),
        new(3, "an issuer whose keys one could fetch", (m, r) => m.SignAsStranger(m.Header(("kid", Kid(m, r))), m.Claims(("iss", Address(m, r))))),
    ];

    private static string Sign(Mint m, Random r, params (string Name, string? Json)[] members)
    {
        var header = m.Header([("kid", Kid(m, r)), .. members]);
        return r.Next(3) == 0 ? m.Sign(header, m.Claims()) : m.SignAsStranger(header, m.Claims());
    }

    private static string? Kid(Mint m, Random r) => r.Of($"\"{m.Truth.KeyId}\"", "\"mine\"", null);

    private static string Jwk(Mint m, Random r)
    {
        var point = m.Stranger.ExportParameters(includePrivateParameters: false).Q;
        return r.Of(
            $$"""{"kty":"EC","crv":"P-256","kid":"{{m.Truth.KeyId}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""",
            $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""",
            """{"kty":"oct","k":"AAAA"}""", "null", "{}");
    }

    private static string Address(Mint m, Random r)
    {
        var trap = m.Truth.Trap;
        return "\"" + r.Of(
            $"{trap}jwks?{r.Next()}", $"http://localhost:{trap.Port}/jwks", $"http://127.1:{trap.Port}/", $"http://[::ffff:127.0.0.1]:{trap.Port}/",
            $"{m.Truth.Issuer}@127.0.0.1:{trap.Port}/", $"//127.0.0.1:{trap.Port}/", $"https://127.0.0.1:{trap.Port}/keys.json") + "\"";
    }

    private static string NewCertificate()
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(StrangersKeys.P256, out _);
        var request = new CertificateRequest("CN=throughline", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return Convert.ToBase64String(certificate.RawData);
    }
}
