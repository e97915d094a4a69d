namespace Throughline.Verify;

/// <summary>The log of a service, which the service and the launcher go on writing while it is read.</summary>
internal static class ServiceLog
{
    /// <returns>Null where there is none. The caller disposes it.</returns>
    public static StreamReader? Open(string stateRoot, string service)
    {
        var path = Path.Combine(stateRoot, "logs", $"{service}.log");
        return File.Exists(path) ? new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)) : null;
    }
}
