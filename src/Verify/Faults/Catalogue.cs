using System.Net;
using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>Every fault and every control, like a contents page. Each is a mechanism of its own.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Fault> All() =>
    [
        .. SecretFaults.All(),
        .. DiscoveryFaults.All(),
        .. SocketFaults.All(),
        .. RequestFaults.All(),
        .. StoreFaults.All(),
        .. DatabaseFaults.All(),
        .. ProcessFaults.All(),
        .. AgentFaults.All(),
        .. IsolationFaults.All(),
        .. LimitFaults.All(),
        .. RecoveryFaults.All(),
        .. SyncFaults.All(),
        .. NextStartFaults.All(),
        .. HealthyButBrokenFaults.All(),
        .. FrontendFaults.All(),
        .. LauncherFaults.All(),
        .. Controls.All(),
    ];

    /// <summary>Three at once: what stands in front strips the token, auth signs with another secret, and the record names another port.</summary>
    public static Fault ThreeBugs() => new SimpleFault(
        "three-bugs", "scenario", "The backend's socket does not get its token, auth signs with another secret than the backend holds, and the backend's record names auth's port",
        async (rig, stop) =>
        {
            rig.Settings("auth", $$"""{ "JWT_SECRET_KEY": "{{OtherSecret}}" }""");
            await rig.RestartAsync("auth", comesBack: true, stop);
            var (record, wrong) = (rig.RecordOf("backend"), rig.PortOf("auth"));
            rig.Proxy(new IPEndPoint(IPAddress.Parse(Rig.FrontHost), record.Port), new IPEndPoint(IPAddress.Loopback, record.Port), new StripsTheToken());
            rig.PinRecord("backend", Rig.Text(record with
            {
                Port = wrong,
                ApiUrl = $"http://127.0.0.1:{wrong}",
                HealthUrl = $"http://127.0.0.1:{wrong}/health/ready",
                WsUrl = $"ws://{Rig.FrontHost}:{record.Port}/ws",
                LeaseExpiresAt = record.LeaseExpiresAt.AddDays(1),
            }));
        },
        async (rig, stop) => rig.RecordOf("backend").Port == rig.PortOf("auth") && rig.RecordOf("backend").WsUrl!.Contains(Rig.FrontHost, StringComparison.Ordinal)
            && await Oracles.SocketAsync(new Uri(rig.RecordOf("backend").WsUrl!).Authority, "any", stop) == "4001" && await SignsWithAsync(rig, OtherSecret, stop))
    {
        Expected = $"discovery.{WrongPort} + proxy.{TokenStripped} + signing.{DifferentSecrets}",
        NeedsSharedSecret = true,
        Checks = [1, 2, 4],
        AlsoWrong = verdict =>
            verdict.Steps.FirstOrDefault(s => s.State == StepState.Broken)?.Id is not "socket" and var broken ? $"the path is broken at {broken}"
            : verdict.Money is not { Protected: 200_000m, AtRisk: 397_000m } ? $"{verdict.Money.Protected} is protected and {verdict.Money.AtRisk} at risk"
            : verdict.Causes.Count(c => c.Component != "machine") != 3 ? $"{verdict.Causes.Count} causes are told"
            : null,
    };
}
