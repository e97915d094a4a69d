using System.Text.Json;
using Throughline.ServiceDefaults;

namespace Throughline.Launcher.State;

/// <summary>One launcher per state. The lock is the operating system's, so it falls with the process, however that ends.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly string _path;
    private RunningLauncher _self;

    private StateLock(FileStream file, string path, Guid run)
    {
        _file = file;
        _path = path;
        _self = new RunningLauncher(Environment.ProcessId, ProcessIdentity.StartedAt, ProcessIdentity.Namespace, run, []);
    }

    /// <exception cref="LauncherException">Another launcher runs this state.</exception>
    public static StateLock Take(StateDirectory state, Guid run)
    {
        FileStream file;
        try
        {
            file = new FileStream(state.PathOf("launcher.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (HeldFile.IsMeant(e))
        {
            var holder = ReadRunning(state);
            throw new LauncherException(
                ExitCode.Configuration,
                $"A stack already runs on {state.Root}{(holder is null ? "" : $" (launcher process {holder.Pid})")}.",
                $"Look at it with: throughline status --state '{state.Root}' · stop it with: throughline down --state '{state.Root}' · or choose another --state.");
        }

        return new StateLock(file, state.PathOf("launcher.json"), run);
    }

    /// <returns>The launcher that runs this state now; null for none.</returns>
    public static RunningLauncher? ReadRunning(StateDirectory state) =>
        ReadLast(state) is { } last && (last.PidNamespace != ProcessIdentity.Namespace || ProcessIdentity.IsAlive(last.Pid, last.ProcessStartedAt))
            ? last
            : null;

    /// <returns>The launcher that ran this state last, alive or not.</returns>
    public static RunningLauncher? ReadLast(StateDirectory state)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(state.PathOf("launcher.json")), LauncherJson.Default.RunningLauncher);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // never started, or cut short while it was written
        }
    }

    /// <summary>Notes who runs, for <c>status</c> and <c>down</c>, and for a successor that must not start beside our children.</summary>
    public void Note(string child, int pid, DateTimeOffset startedAt)
    {
        lock (_gate)
        {
            _self = _self with { Children = [.. _self.Children.Where(c => c.Name != child), new RunningChild(child, pid, startedAt)] };
            Write();
        }
    }

    /// <summary>Notes that this launcher runs the state now.</summary>
    /// <param name="redis">Where the operator's own Redis is, where the stack has no store of its own.</param>
    public void Begin(string? redis)
    {
        lock (_gate)
        {
            _self = _self with { Redis = redis };
            Write();
        }
    }

    /// <summary>By whoever holds the gate.</summary>
    private void Write() =>
        SmallFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_self, LauncherJson.Default.RunningLauncher), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
    }
}
