using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.ServiceDefaults;

/// <summary>
/// What auth calls out through the key-value store after a commit, beside its feed: who is shut out, so that nobody has to fetch it
/// first. It holds no name and no e-mail. Lost, repeated or late it does no harm: the feed is the truth, and applying it twice is
/// applying it once.
/// </summary>
/// <remarks>
/// Sealed (HMAC-SHA256) with a key that auth and backend derive from <c>secrets/client-backend</c>: whoever can write to the store, which
/// every service can, must not be able to shut people out.
/// </remarks>
public sealed class Doorbell(StateFolder state)
{
    private const int SealBytes = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(state.ReadSecret("client-backend")), SealBytes, info: "throughline doorbell"u8.ToArray());

    /// <summary>The message that tells of the changes: a seal, then JSON.</summary>
    public byte[] Seal(IReadOnlyList<UserChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var told = changes.Select(c => new UserChange(c.Seq, c.Kind, c.UserId, c.Version, c.At, Disabled: c.Disabled, SessionId: c.SessionId)).ToList();
        var json = JsonSerializer.SerializeToUtf8Bytes(new UserChanges(told, told.Count > 0 ? told[^1].Seq : 0), WireJson.Default.UserChanges);
        return [.. HMACSHA256.HashData(_key, json), .. json];
    }

    /// <returns>Null for a message that does not bear the seal.</returns>
    public UserChanges? Open(ReadOnlySpan<byte> message)
    {
        if (message.Length <= SealBytes) return null;
        var json = message[SealBytes..];
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, json), message[..SealBytes])
            ? JsonSerializer.Deserialize(json, WireJson.Default.UserChanges)
            : null;
    }
}
