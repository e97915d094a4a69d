using System.Security.Cryptography;

namespace Throughline.Auth.Tests.Forgery;

/// <summary>What a forger here knows that no forger should: auth's own key, and a user who is signed in. So a forgery is wrong in one thing only.</summary>
/// <param name="Key">The key that auth publishes, PKCS #8; it signs access tokens where no secret does.</param>
/// <param name="Secret">What signs access tokens with HS256; null where the key does.</param>
/// <param name="Others">Real tokens that are no access tokens of a user.</param>
/// <param name="Trap">An address of ours that nobody must ever call.</param>
internal sealed record Truth(
    byte[] Key, string KeyId, string? Secret, string Issuer, Guid User, Guid Session, TimeProvider Time, OtherTokens Others, Uri Trap)
{
    public string Algorithm => Secret is null ? Algorithms.Es256 : Algorithms.Hs256;

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public Mint NewMint() => new(this);
}

/// <summary>The two ways in which an installation signs its access tokens.</summary>
internal static class Algorithms
{
    public const string Es256 = "ES256";
    public const string Hs256 = "HS256";
}

/// <summary>Tokens that exist, and are good where they belong.</summary>
internal sealed record OtherTokens(string Identity, string Refresh, string Ticket, string Service);

/// <summary>Keys of strangers, made once: that takes a while.</summary>
internal static class StrangersKeys
{
    public static byte[] Secret { get; } = RandomNumberGenerator.GetBytes(32);

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
