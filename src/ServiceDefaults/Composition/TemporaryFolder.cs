using System.Globalization;

namespace Throughline.ServiceDefaults;

/// <summary>A folder for what a probe tries out, gone after it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>A probe's databases need less.</summary>
    private const long Needed = 8 << 20;

    private readonly DirectoryInfo _folder;

    private TemporaryFolder(DirectoryInfo folder) => _folder = folder;

    public string Path => _folder.FullName;

    /// <exception cref="IOException">The system's folder for temporary files cannot be used; the message says why, and what to do.</exception>
    public static TemporaryFolder Create()
    {
        var place = System.IO.Path.GetTempPath();
        try
        {
            var free = Directory.Exists(place) ? new DriveInfo(place).AvailableFreeSpace : Needed;
            return free >= Needed
                ? new TemporaryFolder(Directory.CreateTempSubdirectory("throughline-check-"))
                : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it has {free / 1024} KiB left"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder for temporary files, {place}, cannot be used ({e.Message.TrimEnd('.')}): make room there, or set TMPDIR to another folder.", e);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
