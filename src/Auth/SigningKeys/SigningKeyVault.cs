using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Throughline.Auth.SigningKeys;

/// <summary>Makes keys, and opens those that the database keeps: the private part is encrypted with the master key.</summary>
internal sealed class SigningKeyVault(MasterKey master, TimeProvider time)
{
    public SigningKey Create(SigningKeyState state)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, now) = (ThumbprintOf(key), time.GetUtcNow());
        return new()
        {
            Id = id,
            State = state,
            CreatedAt = now,
            StateSince = now,
            EncryptedPrivateKey = master.Encrypt(key.ExportPkcs8PrivateKey(), PurposeOf(id)),
        };
    }

    public ECDsaSecurityKey Open(SigningKey row)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(master.Decrypt(row.EncryptedPrivateKey, PurposeOf(row.Id)), out _);
        return new(key) { KeyId = row.Id };
    }

    /// <summary>RFC 7638, so that an id says which key it is and is never given twice.</summary>
    private static string ThumbprintOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

    private static string PurposeOf(string id) => $"signing key {id}";
}
