using System.Security.Cryptography;
using System.Text;

namespace Throughline.ServiceDefaults;

/// <summary>
/// Auth's master key, <c>keys/auth.key</c> of the state folder, and how other keys come from it: auth seals with them, and the
/// launcher, which may read the same file, checks what auth has sealed.
/// </summary>
public static class MasterKeyFile
{
    /// <summary>A key for one purpose; the same each time.</summary>
    public static byte[] Derive(byte[] masterKey, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, MasterKeyCheck.KeySize, info: Encoding.UTF8.GetBytes($"throughline {purpose}"));

    /// <exception cref="StartupException">It is not there, cannot be read by this user, or holds something else.</exception>
    public static byte[] Read(string stateRoot)
    {
        var path = MasterKeyCheck.KeyPath(stateRoot);
        if (MasterKeyCheck.FaultOf(path) is { } fault) throw new StartupException(ExitCode.Configuration, fault);
        return Convert.FromBase64String(File.ReadAllText(path).Trim());
    }
}
