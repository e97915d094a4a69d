using System.Security.Cryptography;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>What a forger here knows that no forger should: auth's own key, and a user who is signed in. So a forgery is wrong in one thing only.</summary>
/// <param name="Key">The signing key, PKCS #8.</param>
/// <param name="Others">Real tokens that are no access tokens of a user.</param>
/// <param name="Trap">An address of ours that nobody must ever call.</param>
internal sealed record Truth(
    byte[] Key, string KeyId, string Issuer, Guid User, Guid Session, TimeProvider Time, OtherTokens Others, Uri Trap)
{
    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public Mint NewMint() => new(this);
}

/// <summary>Tokens that exist, and are good where they belong.</summary>
internal sealed record OtherTokens(string Identity, string Refresh, string Ticket, string Service);

/// <summary>Keys of strangers, made once: that takes a while.</summary>
internal static class StrangersKeys
{
    public static byte[] P256 { get; } = PrivateKey(ECCurve.NamedCurves.nistP256);

    public static byte[] P384 { get; } = PrivateKey(ECCurve.NamedCurves.nistP384);

    public static byte[] P521 { get; } = PrivateKey(ECCurve.NamedCurves.nistP521);

    public static RSAParameters Rsa { get; } = RsaOf(2048);

    public static RSAParameters WeakRsa { get; } = RsaOf(1024);

    private static byte[] PrivateKey(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return key.ExportPkcs8PrivateKey();
    }

    private static RSAParameters RsaOf(int bits)
    {
        using var key = RSA.Create(bits);
        return key.ExportParameters(includePrivateParameters: true);
    }
}
