using Throughline.ServiceDefaults;
using Throughline.Verify.Looks;
using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>Processes that hang, starve, end, or have no room.</summary>
internal static class ProcessFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new StoppedProcess("backend-stopped", "backend") { Expected = $"backend.{Hung}" },
        new StoppedProcess("auth-stopped", "auth") { Expected = $"auth.{Hung}" },
        new SimpleFault("backend-starved", "process", "The backend is stopped nine tenths of the time", (rig, _) =>
            {
                var (pid, isStopped, tick) = (rig.PidOf("backend"), false, 0);
                rig.Journal.WillContinue(pid);
                rig.Keep(TimeSpan.FromMilliseconds(200), () =>
                {
                    var stop = tick++ % 10 != 0;
                    if (stop != isStopped) Programs.Run(["kill", stop ? "-STOP" : "-CONT", $"{pid}"]);
                    isStopped = stop;
                });
                return Task.CompletedTask;
            },
            async (rig, stop) =>
            {
                var seen = new HashSet<string?>();
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(90), rig.Time);
                for (var i = 0; i < 40 && seen.Count < 2; i++, await timer.WaitForNextTickAsync(stop)) seen.Add(ProcessIdentity.StateOf(rig.PidOf("backend")) == "T" ? "T" : "other");
                return seen.Contains("T") && seen.Count == 2;
            }) { Expected = $"backend.{Starved}", Checks = [2, 4] },
        new SettingFault("backend-bad-setting", "process", "The backend's settings hold a value that is none: it ends at each start", "backend", _ => """{ "Limits": { "Window": "never" } }""", (rig, _) => Oracles.IsDownAsync(rig, "backend")) { Expected = $"backend.{Configuration}", StopsIt = true },
        new SimpleFault("backend-killed-again", "process", "The backend is killed whenever it runs", (rig, _) =>
            {
                rig.Touch("backend");
                rig.Keep(TimeSpan.FromMilliseconds(150), () => Programs.Run(["kill", "-KILL", $"{rig.PidOf("backend")}"]));
                return Task.CompletedTask;
            },
            (rig, _) => Oracles.IsDownAsync(rig, "backend")) { Expected = $"backend.{CrashLoop}" },
        new SimpleFault("no-descriptors", "process", "The backend may open no further file or connection, and lives without or ends of it", (rig, _) =>
            {
                var pid = rig.PidOf("backend");
                rig.Touch("backend");
                rig.Journal.WillRun("prlimit", "--pid", $"{pid}", $"--nofile={FileLimits.Of(pid).Soft}:"); // the soft limit alone: only root may raise the hard one again
                var open = Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;
                if (Programs.Run(["prlimit", "--pid", $"{pid}", $"--nofile={open}:"]) is { ExitCode: not 0 } failed) throw new FaultFailed($"prlimit does not work here: {failed.Output.Trim()}");
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(FileLimits.Of(rig.PidOf("backend")) is { Soft: { } soft, Hard: { } hard } && soft < hard)) { Expected = $"backend.{TooManyOpenFiles}|backend.{Ended}|backend.{OutOfMemory}" },
    ];
}
