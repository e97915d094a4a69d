using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.ServiceDefaults;

/// <summary>
/// How far the audit log had come at one moment, kept in the state folder and so outside the database: a chain alone does not show
/// that its last entries were cut off.
/// </summary>
/// <param name="Seq">The last entry; 0 for an empty log.</param>
/// <param name="Hash">Its hash, hexadecimal.</param>
/// <param name="Since">How far the log had come when it was first anchored. What was cut off before nobody can tell.</param>
/// <param name="Seal">HMAC-SHA256 over the rest, under a key of its own, hexadecimal.</param>
public sealed record AuditAnchor(long Seq, string Hash, DateTimeOffset At, long Since, string Seal)
{
    /// <summary>Derives the seal's key from the master key.</summary>
    public const string KeyPurpose = "audit anchor";

    /// <summary>Where it lies in the state folder.</summary>
    public static readonly string Location = Path.Combine("keys", "audit-anchor.json");

    public static AuditAnchor Sealed(long seq, ReadOnlySpan<byte> hash, DateTimeOffset at, long since, ReadOnlySpan<byte> key)
    {
        var anchor = new AuditAnchor(seq, Convert.ToHexStringLower(hash), DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()), since, "");
        return anchor with { Seal = Convert.ToHexStringLower(anchor.SealBy(key)) };
    }

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="FormatException">It is damaged, or not sealed with this key.</exception>
    public static AuditAnchor? Read(string path, ReadOnlySpan<byte> key)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var anchor = JsonSerializer.Deserialize(File.ReadAllBytes(path), AuditAnchorJson.Default.AuditAnchor);
            if (anchor is { Hash.Length: 64, Seal.Length: 64 }
                && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(anchor.Seal), anchor.SealBy(key))) return anchor;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new FormatException($"{path} is damaged.", e);
        }
        throw new FormatException($"{path} was not written by this state's auth.");
    }

    /// <summary>Written whole beside and then named, for the owner only: a reader never sees half of it.</summary>
    public void Write(string path)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(file, this, AuditAnchorJson.Default.AuditAnchor);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
    }

    private byte[] SealBy(ReadOnlySpan<byte> key)
    {
        Span<byte> text = stackalloc byte[56];
        BinaryPrimitives.WriteInt64BigEndian(text, Seq);
        BinaryPrimitives.WriteInt64BigEndian(text[8..], At.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(text[16..], Since);
        Convert.FromHexString(Hash).CopyTo(text[24..]);
        return HMACSHA256.HashData(key, text);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(AuditAnchor))]
internal sealed partial class AuditAnchorJson : JsonSerializerContext;
