using System.Text.Json;
using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>The way of a socket, and how many there may be.</summary>
internal static class SocketFaults
{
    public static IEnumerable<Fault> All() =>
    [
        Socket("token-stripped", "takes the token out of the socket's request", new StripsTheToken(), "4001", TokenStripped),
        Socket("upgrade-refused", "refuses sockets with 403", new RefusesSockets(403), "HTTP 403", UpgradeRefused),
        Socket("upgrade-dropped", "drops the fields of the upgrade, as a plain HTTP proxy does", new DropsTheUpgrade(), "HTTP 426", UpgradeRefused),
        Socket("path-moved", "sends sockets to a path where there is none", new MovesThePath(), "HTTP 404", UpgradeRefused),
        Socket("socket-cut", "cuts a socket at its first byte", new CutsSockets(), "cut", ConnectionCut),
        Socket("socket-stalled", "lets nothing through on a socket", new StallsSockets(), "silent", Stalled, 2),
        Socket("socket-garbled", "changes bits on a socket", new GarblesSockets(), "cut", Garbled),
        new InFront("origin-rewritten", "websocket", "What stands in front of the backend rewrites the page's origin", "backend", _ => new RewritesTheOrigin(), async (rig, stop) =>
            await Oracles.SocketAsync(Oracles.Front(rig, "backend"), "any", stop, $"http://localhost:{rig.PortOf("frontend")}") == "HTTP 403") { Expected = $"proxy.{OriginRefused}", Checks = [2, 4] },
        new SettingFault("one-socket-in-all", "websocket", "The backend takes one connection in all", "backend", _ => """{ "Gateway": { "MaxConnections": 1 } }""", async (rig, stop) => await OpensTwoAsync(rig, stop) == "503") { Expected = $"backend.{AtCapacity}", Checks = [2, 8] },
        new SettingFault("one-socket-each", "websocket", "The backend allows one socket a user", "backend", _ => """{ "Gateway": { "SocketsPerUser": 1 } }""", async (rig, stop) => await OpensTwoAsync(rig, stop) == "4008") { Resource = "backend.settings", Expected = $"backend.{TooFewSockets}", Checks = [8] },
    ];

    private static InFront Socket(string name, string deed, ProxyBehaviour behaviour, string seen, string code, params IReadOnlyList<int> checks) =>
        new(name, "websocket", $"What stands in front of the backend {deed}", "backend", _ => behaviour, async (rig, stop) =>
        {
            var (_, body) = await rig.ServiceTokenAsync("frontend", stop);
            var token = JsonElement.Parse(body).Text("access_token");
            // Any token will do: the service itself closes with a code of its own.
            return await Oracles.SocketAsync(Oracles.Front(rig, "backend"), token, stop) == seen && await Oracles.SocketAsync($"127.0.0.1:{rig.PortOf("backend")}", token, stop) == "4002";
        })
        { Resource = "backend.record", Expected = $"proxy.{code}", Checks = checks is [] ? [2, 4] : checks };
}
