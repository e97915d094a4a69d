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

    /// <summary>The one key of an installation that shares a secret. Its tokens name no key.</summary>
    internal static VerificationKeys Of(SharedSecret secret) => new([new SharedKey(secret)]);

    /// <summary>Whether a signature is one of the named key, which auth publishes.</summary>
    internal bool Verify(string keyId, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) => Find(keyId)?.Verifies(signed, signature) == true;

    internal VerificationKey? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>Reads a JSON Web Key set; keys that are not P-256 signature keys are left out.</summary>
    /// <exception cref="FormatException">It is no key set, holds no usable key, or the same id twice.</exception>
    public static VerificationKeys Parse(ReadOnlySpan<byte> json) => Parse(json, None);

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte})"/>, keeping the crypto objects of keys that <paramref name="reuse"/> holds too.</summary>
    public static VerificationKeys Parse(ReadOnlySpan<byte> json, VerificationKeys reuse)
    {
        ArgumentNullException.ThrowIfNull(reuse);
        try
        {
            var set = JsonSerializer.Deserialize(json, KeySetJson.Default.PublishedKeySet);
            var keys = (set?.Keys ?? []).Where(IsUsable).Select(k => new PublicKey(k.Kid!, k.X!, k.Y!))
                .Select(k => reuse.Find(k.Id) is PublicKey held && held.IsSameAs(k) ? held : k).ToList();
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

internal sealed record PublishedKeySet(IReadOnlyList<PublishedKey>? Keys);

internal sealed record PublishedKey(string? Kty, string? Crv, string? Use, string? Alg, string? Kid, string? X, string? Y);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PublishedKeySet))]
internal sealed partial class KeySetJson : JsonSerializerContext;
