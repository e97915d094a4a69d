using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Throughline.ServiceDefaults;

/// <summary>What verifies a token's signature. A verifier holds keys of one kind only.</summary>
internal abstract class VerificationKey(string id)
{
    public string Id { get; } = id;

    public abstract bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);
}

/// <summary>The secret that issuer and verifiers share.</summary>
internal sealed class SharedKey(SharedSecret secret) : VerificationKey("")
{
    public override bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) => secret.Verifies(signed, signature);
}

/// <summary>A public key of auth's. Its crypto objects are made once and reused, never by two threads at the same time.</summary>
internal sealed class PublicKey : VerificationKey
{
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly ECParameters _parameters;

    public PublicKey(string id, string x, string y) : base(id)
    {
        _parameters = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = System.Buffers.Text.Base64Url.DecodeFromChars(x), Y = System.Buffers.Text.Base64Url.DecodeFromChars(y) },
        };
        _idle.Add(ECDsa.Create(_parameters)); // fails here, not at the first token, where the point is not on the curve
    }

    public override bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != TokenAlgorithm.Es256.SignatureBytes) return false;
        if (!_idle.TryTake(out var key)) key = ECDsa.Create(_parameters);
        var isValid = key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _idle.Add(key);
        return isValid;
    }

    public bool IsSameAs(PublicKey other) =>
        Id == other.Id && _parameters.Q.X.AsSpan().SequenceEqual(other._parameters.Q.X) && _parameters.Q.Y.AsSpan().SequenceEqual(other._parameters.Q.Y);
}
