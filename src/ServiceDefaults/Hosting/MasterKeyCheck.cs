using System.Security.Cryptography;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Whether auth's master key is one, and the one that this state was begun with. <c>keys/auth.check</c> holds a value that is derived from
/// it for this alone; from 32 random bytes nothing can be guessed by it.
/// </summary>
public static class MasterKeyCheck
{
    public const int KeySize = 32;

    public static string KeyPath(string stateRoot) => Path.Combine(stateRoot, "keys", "auth.key");

    private static string CheckPath(string stateRoot) => Path.Combine(stateRoot, "keys", "auth.check");

    /// <returns>One sentence with the remedy; null for a file that holds a key.</returns>
    public static string? FaultOf(string path)
    {
        if (!Path.Exists(path)) return $"{path} is missing: restore it from a backup.";
        try
        {
            if (OwnerOnly.FaultOf(path) is { } open) return $"{path} is the master key, and {open}: run chmod 600 '{path}'.";
            Span<byte> key = stackalloc byte[KeySize + 1];
            return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var length) && length == KeySize
                ? null
                : $"{path} does not hold {KeySize} bytes in base64: restore it from a backup.";
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"{path} cannot be read ({e.Message.TrimEnd('.')}): give it to the user who runs auth.";
        }
    }

    /// <summary>Notes the key at the first start, and holds every later one against that.</summary>
    /// <exception cref="StartupException">It is another key; exit code 3.</exception>
    public static void Require(string stateRoot, ReadOnlySpan<byte> key)
    {
        var path = CheckPath(stateRoot);
        if (!File.Exists(path)) File.WriteAllText(path, ValueOf(key));
        else if (!Holds(stateRoot, key)) throw new StartupException(ExitCode.SigningMismatch, OtherKey(stateRoot));
    }

    /// <summary>Whether this state has had a master key before.</summary>
    public static bool IsNoted(string stateRoot) => File.Exists(CheckPath(stateRoot));

    /// <summary>Whether the key is this state's; also where nothing is noted yet.</summary>
    public static bool Holds(string stateRoot, ReadOnlySpan<byte> key)
    {
        var path = CheckPath(stateRoot);
        return !File.Exists(path) || File.ReadAllText(path).Trim() == ValueOf(key);
    }

    public static string OtherKey(string stateRoot) =>
        $"{KeyPath(stateRoot)} is not the master key that this state's database was written with: restore the file that belongs to it.";

    private static string ValueOf(ReadOnlySpan<byte> key)
    {
        Span<byte> value = stackalloc byte[16];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, value, salt: [], info: "throughline master key check"u8);
        return Convert.ToHexStringLower(value);
    }
}
