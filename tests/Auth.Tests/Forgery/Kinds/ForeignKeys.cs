using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Auth.Tests.Forgery.Kinds;

/// <summary>Rows 13 and 14: right in everything, but signed by a key that is not, or no longer, auth's.</summary>
internal static class ForeignKeys
{
    public static IReadOnlyList<ForgeryKind> All { get; } =
    [
        new(13, "a stranger's key under our id", (m, _) => m.SignAsStranger(m.Header(), m.Claims())),
        new(13, "a stranger's key under its own id", (m, r) => m.SignAsStranger(m.Header(("kid", $"\"{Thumbprint(m, r)}\"")), m.Claims())),
        new(13, "a new key each time", (m, _) => { using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256); return Mint.SignWith(m.Header(), m.Claims(), signed => key.SignData(signed, HashAlgorithmName.SHA256)); }),
        new(14, "of another environment", (m, r) => m.SignAsStranger(m.Header(("kid", $"\"{Thumbprint(m, r)}\"")), m.Claims(("iss", $"\"https://staging-{r.Next(9)}.example\"")))),
        new(14, "of another environment with our issuer", (m, r) => m.SignAsStranger(m.Header(("kid", r.Of($"\"{Thumbprint(m, r)}\"", $"\"{m.Truth.KeyId}\""))), m.Claims(("role", "\"admin\"")))),
        new(14, "another user, by a stranger's key", (m, r) => m.SignAsStranger(m.Header(), m.Claims(("sub", $"\"{Guid.CreateVersion7()}\""), ("sid", $"\"{Guid.CreateVersion7()}\""), ("role", r.Of("\"admin\"", "\"user\""))))),
    ];

    /// <summary>RFC 7638, as auth names its own keys; or an id that a key rotated out long ago might have had.</summary>
    private static string Thumbprint(Mint m, Random r)
    {
        if (r.Next(2) == 0) return Base64Url.EncodeToString(SHA256.HashData(BitConverter.GetBytes(r.Next())));
        var point = m.Stranger.ExportParameters(includePrivateParameters: false).Q;
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(
            $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""")));
    }
}
