using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>Answers a verifier's challenge with what signs access tokens at this moment.</summary>
internal sealed class SigningProver(SigningKeyStore keys, IOptions<TokenOptions> options)
{
    /// <returns>Null for a nonce that is none.</returns>
    public SigningProof? Answer(SigningChallenge challenge)
    {
        if (!SigningStatement.IsNonce(challenge.Nonce)) return null;
        var own = SigningStatement.Of(options.Value);
        if (options.Value.Secret is { } secret) return Describe(own, own.Prove(secret, challenge.Nonce), keyId: null);

        var key = keys.Signing;
        byte[] proof;
        lock (key) proof = key.ECDsa.SignData(own.TextFor(challenge.Nonce), HashAlgorithmName.SHA256);
        return Describe(own, proof, key.KeyId);
    }

    private static SigningProof Describe(SigningStatement own, byte[] proof, string? keyId) =>
        new(own.Algorithm, own.Issuer, own.Audience, own.Contract, Base64Url.EncodeToString(proof), keyId);
}
