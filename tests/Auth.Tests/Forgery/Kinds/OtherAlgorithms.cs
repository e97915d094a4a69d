using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Rows 1 and 2: no algorithm, another one, or one that takes the public key for a secret.</summary>
internal static class OtherAlgorithms
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(1, "alg none, no signature", (m, r) => $"{Mint.Encode(m.Header(("alg", None(r))))}.{Mint.Encode(m.Claims())}."),
        new(1, "alg none, a signature all the same", (m, r) => m.Sign(m.Header(("alg", None(r))), m.Claims())),
        new(1, "alg none, some text as signature", (m, r) => $"{Mint.Encode(m.Header(("alg", None(r))))}.{Mint.Encode(m.Claims())}.{r.Of("e30", "bm9uZQ", "AA", "_")}"),
        new(1, "alg of the wrong kind", (m, r) => m.Sign(m.Header(("alg", r.Of("\"\"", "256", "null", "true", $"[\"{m.Truth.Algorithm}\"]", $"{{\"{m.Truth.Algorithm}\":1}}", null, "-1", "1e9"))), m.Claims())),
        new(1, "alg almost ours", (m, r) => m.Sign(m.Header(("alg", $"\"{Almost(m.Truth.Algorithm, r)}\"")), m.Claims())),
        new(1, "the signature left out", (m, r) => string.Join('.', m.Good().Split('.')[..2]) + r.Of("", ".")),
        new(2, "HMAC with the public key as PEM", (m, r) => Hmac(m, r, Encoding.UTF8.GetBytes(Around(r, Pem(m, r))))),
        new(2, "HMAC with the public key as DER or point", (m, r) => Hmac(m, r, Der(m, r))),
        new(2, "HMAC with the public key as JWK", (m, r) => Hmac(m, r, Encoding.UTF8.GetBytes(Around(r, Jwk(m, r))))),
        new(2, "HMAC with a secret that one can guess", (m, r) => Hmac(m, r, Encoding.UTF8.GetBytes(
            r.Of("", "secret", "password", "changeme", "your-256-bit-secret", "throughline", "jwt_secret_key", m.Truth.KeyId, m.Truth.Issuer, "\0", new string('0', 32))))),
        new(2, "another algorithm named, ours used", (m, r) => m.Sign(m.Header(("alg", $"\"{Other(m.Truth.Algorithm, r)}\"")), m.Claims())),
        new(2, "the key that auth publishes, where the secret is due", (m, _) => Mint.SignWith(
            m.Header(("alg", "\"ES256\""), ("kid", $"\"{m.Truth.KeyId}\"")), m.Claims(), signed => m.Published.SignData(signed, HashAlgorithmName.SHA256)), Only: Algorithms.Hs256),
        new(2, "the key that auth publishes, in the secret's name", (m, _) => Mint.SignWith(
            m.Header(), m.Claims(), signed => m.Published.SignData(signed, HashAlgorithmName.SHA256)), Only: Algorithms.Hs256),
        new(2, "the secret, almost", (m, r) => Mint.SignWith(m.Header(), m.Claims(), signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(AlmostSecret(m.Truth.Secret!, r)), signed)), Only: Algorithms.Hs256),
        new(2, "the secret under another hash", (m, r) => Mint.SignWith(
            m.Header(("alg", r.Of("\"HS256\"", "\"HS384\"", "\"HS512\""))), m.Claims(),
            signed => r.Next(2) == 0 ? HMACSHA512.HashData(Encoding.UTF8.GetBytes(m.Truth.Secret!), signed) : HMACSHA384.HashData(Encoding.UTF8.GetBytes(m.Truth.Secret!), signed)), Only: Algorithms.Hs256),
        new(2, "RSA, with a key of one's own", Rsa),
        new(2, "a larger curve, with a key of one's own", LargerCurve),
        new(2, "EdDSA or ES256K, some signature", (m, r) => Mint.SignWith(m.Header(("alg", r.Of("\"EdDSA\"", "\"Ed25519\"", "\"ES256K\"", "\"SM2\""))), m.Claims(), _ => Bytes(r, 64))),
    ];

    private static string None(Random r) => $"\"{Cased(r, "none")}\"";

    private static string Almost(string ours, Random r) => r.Of(
        ours.ToLowerInvariant(), $"{ours[..1]}{ours[1..].ToLowerInvariant()}", $"{ours} ", $" {ours}", $"{ours}\u0000", ours.Insert(2, "-"), ours[..^1], $"{ours}6",
        $"{ours[..1]}\u0405{ours[2..]}", $"{ours},none", "SHA256");

    private static string Other(string ours, Random r)
    {
        string[] names = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "dir", "A256KW", "ECDH-ES"];
        return r.Of<string>([.. names.Where(name => name != ours)]);
    }

    private static string AlmostSecret(string secret, Random r) => r.Of(
        $"{secret}\n", $" {secret}", secret[1..], secret[..^1], secret.ToUpperInvariant(), $"{secret}\0", $"{secret}{secret}", $"\"{secret}\"", new([.. secret.Reverse()]));

    private static string Cased(Random r, string text) => string.Concat(text.Select(c => r.Next(2) == 0 ? c : char.ToUpperInvariant(c)));

    private static string Hmac(Mint m, Random r, byte[] secret) => r.Next(3) switch
    {
        0 => Mint.SignWith(m.Header(("alg", "\"HS256\"")), m.Claims(), signed => HMACSHA256.HashData(secret, signed)),
        1 => Mint.SignWith(m.Header(("alg", "\"HS384\"")), m.Claims(), signed => HMACSHA384.HashData(secret, signed)),
        // Named as ours, in case only the length of the signature is looked at.
        _ => Mint.SignWith(m.Header(("alg", r.Of("\"HS512\"", "\"ES256\""))), m.Claims(), signed => HMACSHA512.HashData(secret, signed)),
    };

    private static string Pem(Mint m, Random r)
    {
        var pem = m.Published.ExportSubjectPublicKeyInfoPem();
        return r.Next(4) switch
        {
            0 => pem,
            1 => pem.Replace("\n", "\r\n", StringComparison.Ordinal),
            2 => pem.Replace("PUBLIC KEY", "EC PUBLIC KEY", StringComparison.Ordinal),
            _ => string.Concat(pem.Split('\n')[1..^1]),
        };
    }

    /// <summary>With what a file, an editor or an environment variable adds.</summary>
    private static string Around(Random r, string text) => r.Of("", " ", "\n", "\r\n", "\t", "\uFEFF") + text + r.Of("", " ", "\n", "\r\n", "\0");

    private static byte[] Der(Mint m, Random r)
    {
        var point = m.Published.ExportParameters(includePrivateParameters: false).Q;
        return r.Next(5) switch
        {
            0 => m.Published.ExportSubjectPublicKeyInfo(),
            1 => [4, .. point.X!, .. point.Y!],
            2 => [.. point.X!, .. point.Y!],
            3 => point.X!,
            _ => Encoding.ASCII.GetBytes(Convert.ToBase64String(m.Published.ExportSubjectPublicKeyInfo())),
        };
    }

    private static string Jwk(Mint m, Random r)
    {
        var point = m.Published.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        return r.Of(
            $$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""",
            $$"""{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{m.Truth.KeyId}}","x":"{{x}}","y":"{{y}}"}""",
            $$"""{"keys":[{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{m.Truth.KeyId}}","x":"{{x}}","y":"{{y}}"}]}""",
            x, $"{x}.{y}");
    }

    private static string Rsa(Mint m, Random r)
    {
        using var key = RSA.Create(r.Next(4) == 0 ? StrangersKeys.WeakRsa : StrangersKeys.Rsa);
        var (name, hash, padding) = r.Of(
            ("RS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), ("RS512", HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            ("PS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pss), ("ES256", HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return Mint.SignWith(m.Header(("alg", $"\"{name}\"")), m.Claims(), signed => key.SignData(signed, hash, padding));
    }

    private static string LargerCurve(Mint m, Random r)
    {
        using var key = ECDsa.Create();
        var (bytes, hash, name) = r.Next(2) == 0 ? (StrangersKeys.P384, HashAlgorithmName.SHA384, "ES384") : (StrangersKeys.P521, HashAlgorithmName.SHA512, "ES512");
        key.ImportPkcs8PrivateKey(bytes, out _);
        return Mint.SignWith(m.Header(("alg", $"\"{r.Of(name, "ES256")}\"")), m.Claims(), signed => key.SignData(signed, hash));
    }

    private static byte[] Bytes(Random r, int count)
    {
        var bytes = new byte[count];
        r.NextBytes(bytes);
        return bytes;
    }
}
