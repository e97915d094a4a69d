namespace Throughline.ServiceDefaults;

/// <summary>What only its owner may read: the state folder, its secrets, keys and settings.</summary>
public static class OwnerOnly
{
    private const UnixFileMode Rights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <returns>What is wrong with the access rights of a file or folder, or null.</returns>
    public static string? FaultOf(string path)
    {
        if (OperatingSystem.IsWindows())
            return null; // a user's folders are private there by inheritance
        var mode = File.GetUnixFileMode(path);
        return (mode & ~Rights) == 0 ? null : $"others may read it (mode {Convert.ToString((int)mode, 8)})";
    }
}
