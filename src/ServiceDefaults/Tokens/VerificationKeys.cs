using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.ServiceDefaults;

/// <summary>The keys that auth publishes at one moment, by key id. Never changed: a new set replaces it.</summary>
public sealed class VerificationKeys
{
    private readonly FrozenDictionary<string, VerificationKey> _keys;

    private VerificationKeys(IEnumerable<VerificationKey> keys) =>
        _keys = keys.ToFrozenDictionary(k => k.Id, StringComparer.Ordinal);

    /// <summary>No key yet: every token is refused.</summary>
    public static VerificationKeys None { get; } = new([]);

    /// <summary>Ids of the keys, for the discovery record.</summary>
    public IReadOnlyList<string> Ids => _keys.Keys;

    internal VerificationKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>Reads a JSON Web Key set; keys that are not P-256 signature keys are left out.</summary>
    /// <exception cref="FormatException">It is no key set, holds no usable key, or the same id twice.</exception>
    public static VerificationKeys Parse(ReadOnlySpan<byte> json) => Parse(json, None);

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte})"/>, keeping the crypto objects of keys that <paramref name="reuse"/> holds too.</summary>
    internal static VerificationKeys Parse(ReadOnlySpan<byte> json, VerificationKeys reuse)
    {
        try
        {
            var set = JsonSerializer.Deserialize(json, KeySetJson.Default.PublishedKeySet);
            var keys = (set?.Keys ?? []).Where(IsUsable).Select(k => new VerificationKey(k.Kid!, k.X!, k.Y!))
                .Select(k => reuse.Find(k.Id) is { } held && held.IsSameAs(k) ? held : k).ToList();
            if (keys.Count > 0) return new(keys);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException or CryptographicException)
        {
            throw new FormatException("The key set cannot be read.", e);
        }
        throw new FormatException("The key set holds no ES256 key.");
    }

    private static bool IsUsable(PublishedKey key) =>
        key is { Kty: "EC", Crv: "P-256", Use: null or "sig", Alg: null or "ES256", Kid.Length: > 0, X.Length: > 0, Y.Length: > 0 };
}

/// <summary>One public key. Its crypto objects are made once and reused, never by two threads at the same time.</summary>
internal sealed class VerificationKey
{
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly ECParameters _parameters;

    public VerificationKey(string id, string x, string y)
    {
        Id = id;
        _parameters = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = System.Buffers.Text.Base64Url.DecodeFromChars(x), Y = System.Buffers.Text.Base64Url.DecodeFromChars(y) },
        };
        _idle.Add(ECDsa.Create(_parameters)); // fails here, not at the first token, where the point is not on the curve
    }

    public string Id { get; }

    public bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 64) return false;
        if (!_idle.TryTake(out var key)) key = ECDsa.Create(_parameters);
        var isValid = key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _idle.Add(key);
        return isValid;
    }

    public bool IsSameAs(VerificationKey other) =>
        Id == other.Id && _parameters.Q.X.AsSpan().SequenceEqual(other._parameters.Q.X) && _parameters.Q.Y.AsSpan().SequenceEqual(other._parameters.Q.Y);
}

internal sealed record PublishedKeySet(IReadOnlyList<PublishedKey>? Keys);

internal sealed record PublishedKey(string? Kty, string? Crv, string? Use, string? Alg, string? Kid, string? X, string? Y);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PublishedKeySet))]
internal sealed partial class KeySetJson : JsonSerializerContext;
