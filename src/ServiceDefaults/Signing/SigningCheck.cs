using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>Finds out, by a challenge, whether this verifier and auth hold the same material. No secret and no hash of one is sent.</summary>
internal sealed class SigningCheck(AuthWitness auth, IVerificationKeySource keys, ServiceIdentity identity, IOptions<TokenOptions> options)
{
    /// <returns>How they disagree, in a sentence; null where they agree.</returns>
    /// <exception cref="SigningUndecidedException">It cannot be told yet.</exception>
    public async Task<string?> DisagreementAsync(AuthPresence present, CancellationToken cancellationToken)
    {
        var nonce = SigningStatement.NewNonce();
        var proof = await auth.ChallengeAsync(nonce, cancellationToken);
        var own = SigningStatement.Of(options.Value);
        var theirs = new SigningStatement(proof.Algorithm, proof.Issuer, proof.Audience, proof.Contract);
        if (SigningAgreement.Disagreement(identity.Service, own, theirs) is { } difference) return difference;
        if (!Base64Url.IsValid(proof.Proof)) return "auth's proof is not readable: run the same release of all services.";

        var bytes = Base64Url.DecodeFromChars(proof.Proof);
        if (options.Value.Secret is { } secret)
            return CryptographicOperations.FixedTimeEquals(own.Prove(secret, nonce), bytes) ? null : SigningAgreement.DifferentSecrets(identity.Service);
        var keyId = proof.KeyId ?? "";
        var held = await keys.RefreshForAsync(keyId, cancellationToken);
        if (held.Verify(keyId, own.TextFor(nonce), bytes)) return null;
        return held.Find(keyId) is null && !keys.IsReachable
            ? throw new SigningUndecidedException($"The keys that auth at {present.Address} publishes cannot be read: look what stands between it and {identity.Service}.")
            : SigningAgreement.DifferentKeys(identity.Service, present.Address);
    }
}

/// <summary>Auth is there, and what is needed to compare with it is not.</summary>
internal sealed class SigningUndecidedException(string message) : Exception(message);
