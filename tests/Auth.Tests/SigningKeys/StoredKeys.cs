using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Throughline.Auth.Tests.SigningKeys;

/// <summary>What a thief of the state folder has: the key that signs.</summary>
internal static class StoredKeys
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static ECDsa SigningKey(this AuthProcess process, out string keyId)
    {
        var master = Convert.FromBase64String(File.ReadAllText(Path.Combine(process.State, "keys", "auth.key")).Trim());
        using var database = new SqliteConnection($"Data Source={Path.Combine(process.State, "auth.db")};Mode=ReadOnly");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Id, EncryptedPrivateKey FROM SigningKeys WHERE State = 'Signing'";
        using var row = command.ExecuteReader();
        Assert.True(row.Read());
        keyId = row.GetString(0);
        var encrypted = (byte[])row.GetValue(1);
        var plaintext = new byte[encrypted.Length - NonceSize - TagSize];
        using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: "throughline encryption"u8.ToArray()), TagSize);
        aes.Decrypt(
            encrypted.AsSpan(0, NonceSize), encrypted.AsSpan(NonceSize + TagSize), encrypted.AsSpan(NonceSize, TagSize), plaintext,
            Encoding.UTF8.GetBytes($"signing key {keyId}"));
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(plaintext, out _);
        return key;
    }
}
