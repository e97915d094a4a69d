using Throughline.ServiceDefaults;
using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>What is to mend, and what is to follow.</summary>
internal static class RecoveryFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new SimpleFault("nobody-restarts", "recovery", "The launcher is stopped, and the backend is killed", (rig, _) =>
            {
                rig.Signal(rig.LauncherPid, "STOP");
                Programs.Run(["kill", "-KILL", $"{rig.PidOf("backend")}"]);
                return Task.CompletedTask;
            },
            async (rig, _) => ProcessIdentity.StateOf(rig.LauncherPid) == "T" && await Oracles.IsDownAsync(rig, "backend")) { Expected = $"launcher.{Hung}" },
        new BetweenBackendAndAuth("feed-held", "recovery", "Auth's feed of users is asked and never answers", new KeepsTheFeed(refuses: false), comesBack: false)
        { Expected = $"backend.{SyncStopped}", Checks = [2, 6] },
        new BetweenBackendAndAuth("feed-refused", "recovery", "Auth's feed of users answers 502", new KeepsTheFeed(refuses: true), comesBack: false)
        { Expected = $"backend.{SyncStopped}", Checks = [2] },
    ];
}
