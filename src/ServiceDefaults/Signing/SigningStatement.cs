using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Throughline.ServiceDefaults;

/// <summary>What a service issues or accepts access tokens with. Issuer and verifier must make the same one.</summary>
public sealed record SigningStatement(string Algorithm, string Issuer, string Audience, int Contract)
{
    public const int NonceSize = 32;

    /// <summary>Raise it when tokens, or this exchange, change so that the two sides must be of one version.</summary>
    public const int CurrentContract = 1;

    private const string Purpose = "signing handshake v1";

    public static SigningStatement Of(TokenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(options.Algorithm.Name, options.Issuer, TokenOptions.Audience, CurrentContract);
    }

    public static string NewNonce() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceSize));

    public static bool IsNonce(string nonce) => Base64Url.IsValid(nonce, out var length) && length == NonceSize;

    /// <summary>What is signed. It begins as no token does, so the answer to a challenge is never the signature of a token.</summary>
    public byte[] TextFor(string nonce)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        bytes.Write("throughline signing handshake v1\n"u8);
        using (var json = new Utf8JsonWriter(bytes))
        {
            // An array, so that no text can pass for the boundary between two members.
            json.WriteStartArray();
            json.WriteStringValue(nonce);
            json.WriteStringValue(Algorithm);
            json.WriteStringValue(Issuer);
            json.WriteStringValue(Audience);
            json.WriteNumberValue(Contract);
            json.WriteEndArray();
        }
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Proves a shared secret, under a key that is derived from it for this alone.</summary>
    public byte[] Prove(SharedSecret secret, string nonce)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return HMACSHA256.HashData(secret.Derive(Purpose), TextFor(nonce));
    }
}
