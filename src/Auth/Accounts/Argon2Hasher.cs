using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NSec.Cryptography;

namespace Throughline.Auth.Accounts;

/// <summary>
/// Argon2id with <see cref="AccountOptions.HashMemory"/> and <see cref="AccountOptions.HashPasses"/>, in the PHC string form <c>$argon2id$v=19$m=65536,t=3,p=1$salt$hash</c>, so that a
/// hash says how it was made and other settings can follow.
/// </summary>
internal sealed class Argon2Hasher(IOptions<AccountOptions> options) : IPasswordHasher<User>
{
    private const int SaltSize = 16;
    private const int HashSize = 32;
    private const string Prefix = "$argon2id$v=19$";
    private readonly int _memoryKiB = options.Value.HashMemory * 1024;
    private readonly int _passes = options.Value.HashPasses;

    /// <summary>A hash of nothing that anybody knows: an unknown e-mail costs the same work as a wrong password.</summary>
    public string Decoy { get; } = $"{Prefix}{SettingsOf(options.Value.HashMemory * 1024, options.Value.HashPasses)}${Encode(RandomNumberGenerator.GetBytes(SaltSize))}${Encode(RandomNumberGenerator.GetBytes(HashSize))}";

    public string HashPassword(User user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return $"{Prefix}{SettingsOf(_memoryKiB, _passes)}${Encode(salt)}${Encode(Derive(password, salt, _memoryKiB, _passes))}";
    }

    public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        if (!TryParse(hashedPassword, out var memory, out var passes, out var salt, out var hash)) return PasswordVerificationResult.Failed;
        if (!CryptographicOperations.FixedTimeEquals(Derive(providedPassword, salt, memory, passes), hash)) return PasswordVerificationResult.Failed;
        return memory == _memoryKiB && passes == _passes ? PasswordVerificationResult.Success : PasswordVerificationResult.SuccessRehashNeeded;
    }

    private static byte[] Derive(string password, byte[] salt, int memoryKiB, int passes)
    {
        var argon2 = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKiB, NumberOfPasses = passes });
        var bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            return argon2.DeriveBytes(bytes, salt, HashSize);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static bool TryParse(string text, out int memory, out int passes, out byte[] salt, out byte[] hash)
    {
        (memory, passes, salt, hash) = (0, 0, [], []);
        // "", argon2id, v=19, m=…,t=…,p=1, salt, hash
        var parts = text.Split('$');
        if (parts.Length != 6 || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var settings = parts[3].Split(',');
        if (settings is not [['m', '=', ..], ['t', '=', ..], "p=1"]) return false;
        (salt, hash) = (Decode(parts[4]), Decode(parts[5]));
        return int.TryParse(settings[0].AsSpan(2), CultureInfo.InvariantCulture, out memory)
            && int.TryParse(settings[1].AsSpan(2), CultureInfo.InvariantCulture, out passes);
    }

    private static string SettingsOf(int memoryKiB, int passes) => string.Create(CultureInfo.InvariantCulture, $"m={memoryKiB},t={passes},p=1");

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}
