namespace Throughline.Launcher.Ports;

/// <summary>
/// What launchers of one user tell each other: a port that one gives to a service is not given by another, though nobody listens there yet. A file for
/// each port, locked as long as its holder lives, however it ends.
/// </summary>
internal sealed class PortPromises : IDisposable
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"throughline-ports-{Environment.UserName}");
    private readonly Dictionary<int, FileStream> _held = [];

    /// <returns>False where another holds it.</returns>
    public bool TryHold(int port)
    {
        var path = Path.Combine(Folder, $"{port}");
        try
        {
            Directory.CreateDirectory(Folder);
            _held[port] = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // nowhere to promise: then the service finds out by itself, and gets the next port
        }
    }

    public void Release(int port)
    {
        if (_held.Remove(port, out var file)) file.Dispose();
    }

    public void Dispose()
    {
        foreach (var file in _held.Values) file.Dispose();
    }
}
