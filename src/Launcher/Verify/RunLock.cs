using System.Globalization;
using System.Text;
using Throughline.Launcher.State;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Verify;

/// <summary>One run of verify at a time on a state folder: two would spend each other's limits and take each other's load for slowness. The lock is the
/// operating system's, so it falls with the process. The file keeps when the last whole run ended.</summary>
/// <remarks>A run goes on where the folder cannot be written: a full disk is one of the things that it is there to name.</remarks>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream? _file;

    private RunLock(FileStream? file)
    {
        _file = file;
        if (file is null) return;
        using var reader = new StreamReader(file, leaveOpen: true);
        if (DateTimeOffset.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var ended)) LastEnd = ended;
    }

    /// <summary>When the last whole run on this state ended; null where none has, or it could not be noted.</summary>
    public DateTimeOffset? LastEnd { get; }

    /// <returns>Null where another run holds it.</returns>
    public static RunLock? TryTake(string stateRoot)
    {
        try
        {
            // Unbuffered: what could not be written shall not be tried again at the end.
            return new RunLock(new FileStream(new StateFolder(stateRoot).PathOf("verify", "running.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException e) when (HeldFile.IsMeant(e))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new RunLock(file: null);
        }
    }

    /// <exception cref="IOException">There is no room for it.</exception>
    public void NoteEnd(DateTimeOffset at)
    {
        _file?.SetLength(0);
        _file?.Write(Encoding.UTF8.GetBytes(at.ToString("O", CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _file?.Dispose();
}
