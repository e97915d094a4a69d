using Throughline.ServiceDefaults;

namespace Throughline.Launcher.Verify;

/// <summary>One run of verify at a time on a state folder: two would spend each other's limits and take each other's load for slowness. The lock is the
/// operating system's, so it falls with the process.</summary>
internal static class RunLock
{
    /// <returns>Null where another run holds it.</returns>
    public static FileStream? TryTake(string stateRoot)
    {
        var path = new StateFolder(stateRoot).PathOf("verify", "running.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
