using System.Globalization;
using System.Text;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Verify;

/// <summary>One run of verify at a time on a state folder: two would spend each other's limits and take each other's load for slowness. The lock is the
/// operating system's, so it falls with the process. The file keeps when the last whole run ended.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file)
    {
        _file = file;
        using var reader = new StreamReader(file, leaveOpen: true);
        if (DateTimeOffset.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var ended)) LastEnd = ended;
    }

    /// <summary>When the last whole run on this state ended; null where none has.</summary>
    public DateTimeOffset? LastEnd { get; }

    /// <returns>Null where another run holds it.</returns>
    public static RunLock? TryTake(string stateRoot)
    {
        var path = new StateFolder(stateRoot).PathOf("verify", "running.lock");
        try
        {
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void NoteEnd(DateTimeOffset at)
    {
        _file.SetLength(0);
        _file.Write(Encoding.UTF8.GetBytes(at.ToString("O", CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _file.Dispose();
}
