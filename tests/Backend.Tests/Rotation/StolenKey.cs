using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Rotation;

/// <summary>
/// A signing key in the wrong hands: opened with the state folder's master key, as whoever copies that folder could. With it tokens can
/// be made that nothing but the key's absence from the set refuses.
/// </summary>
internal sealed class StolenKey : IDisposable
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly ECDsa _key = ECDsa.Create();

    private StolenKey(string id, byte[] pkcs8)
    {
        Id = id;
        _key.ImportPkcs8PrivateKey(pkcs8, out _);
    }

    public string Id { get; }

    /// <summary>The key that signs at this moment.</summary>
    public static async Task<StolenKey> TakeAsync(TestState state, CancellationToken cancellationToken)
    {
        var master = Convert.FromBase64String((await File.ReadAllTextAsync(state.PathOf("keys", "auth.key"), cancellationToken)).Trim());
        await using var database = new SqliteConnection($"Data Source={state.PathOf("auth.db")};Mode=ReadOnly");
        await database.OpenAsync(cancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT Id, EncryptedPrivateKey FROM SigningKeys WHERE State = 'Signing'";
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        Assert.True(await row.ReadAsync(cancellationToken), "No key signs.");
        return new(row.GetString(0), Decrypt(master, (byte[])row.GetValue(1), $"signing key {row.GetString(0)}"));
    }

    /// <summary>The token's claims once more, good for another ten minutes, signed with this key.</summary>
    public string Forge(string accessToken)
    {
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(accessToken.Split('.')[1]))!.AsObject();
        claims["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 600;
        claims["jti"] = Guid.NewGuid().ToString();
        var header = JsonSerializer.Serialize(new { alg = "ES256", kid = Id, typ = "at+jwt" });
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Decrypt(byte[] master, byte[] encrypted, string purpose)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: "throughline encryption"u8.ToArray());
        var plaintext = new byte[encrypted.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(
            encrypted.AsSpan(0, NonceSize), encrypted.AsSpan(NonceSize + TagSize), encrypted.AsSpan(NonceSize, TagSize), plaintext,
            Encoding.UTF8.GetBytes(purpose));
        return plaintext;
    }
}
