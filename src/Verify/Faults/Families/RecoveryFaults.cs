using System.Net;
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
        Feed("feed-held", "Auth's feed of users is asked and never answers", refuses: false),
        Feed("feed-refused", "Auth's feed of users answers 502", refuses: true),
    ];

    private static SimpleFault Feed(string name, string sentence, bool refuses)
    {
        FaultProxy? proxy = null;
        return new SimpleFault(name, "recovery", sentence, async (rig, stop) =>
            {
                proxy = rig.Proxy(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, rig.PortOf("auth")), new KeepsTheFeed(refuses));
                rig.Settings("backend", $$"""{ "Services": { "auth": "http://127.0.0.1:{{proxy.EndPoint.Port}}" } }""");
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            async (rig, stop) => proxy is { IsOpen: true, Seen: > 0 } && !await Oracles.IsDownAsync(rig, "backend"))
        { Expected = $"backend.{SyncStopped}", Checks = [2, 6] };
    }
}
