using System.Security.Cryptography;
using System.Text;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.SigningKeys;

/// <summary>
/// The one secret of auth that is not in its database: 32 bytes in <c>keys/auth.key</c>, made at first start, for the owner only. All
/// other keys are encrypted with it or derived from it, so a copy of the database alone signs and opens nothing.
/// </summary>
internal sealed class MasterKey
{
    private const int Size = MasterKeyCheck.KeySize;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _key;

    public MasterKey(StateFolder state)
    {
        Path = state.PathOf("keys", "auth.key");
        // A key that is lost is not made anew: nothing that was encrypted with it could be opened again.
        if (!System.IO.Path.Exists(Path) && !MasterKeyCheck.IsNoted(state.Root)) TryCreate(Path);
        _key = MasterKeyFile.Read(state.Root);
        MasterKeyCheck.Require(state.Root, _key);
    }

    public string Path { get; }

    /// <summary>A key for one purpose; the same at every start.</summary>
    public byte[] Derive(string purpose) => MasterKeyFile.Derive(_key, purpose);

    /// <summary>Encrypts (AES-256-GCM) for one purpose, to which the result is bound.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> plaintext, string purpose)
    {
        var result = new byte[NonceSize + TagSize + plaintext.Length];
        var nonce = result.AsSpan(0, NonceSize);
        var tag = result.AsSpan(NonceSize, TagSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Derive("encryption"), TagSize);
        aes.Encrypt(nonce, plaintext, result.AsSpan(NonceSize + TagSize), tag, Encoding.UTF8.GetBytes(purpose));
        return result;
    }

    /// <exception cref="StartupException">It was encrypted with another master key.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> encrypted, string purpose)
    {
        var plaintext = new byte[encrypted.Length - NonceSize - TagSize];
        using var aes = new AesGcm(Derive("encryption"), TagSize);
        try
        {
            aes.Decrypt(
                encrypted[..NonceSize], encrypted[(NonceSize + TagSize)..], encrypted.Slice(NonceSize, TagSize), plaintext,
                Encoding.UTF8.GetBytes(purpose));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new StartupException(
                ExitCode.SigningMismatch,
                $"The database's keys were encrypted with another master key than {Path}; restore the file that belongs to this database.");
        }
        return plaintext;
    }

    private static void TryCreate(string path)
    {
        // Written whole beside and then named, so that another node never reads half a key; the first to name it wins.
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, Encoding.ASCII, options))
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)));
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
