using System.Net;
using System.Text.Json;
using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>The key-value store.</summary>
internal static class StoreFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new StoppedProcess("store-stopped", "store") { Resource = "store.process", Expected = $"store.{Hung}", Checks = [1, 2] },
        new SimpleFault("store-killed-again", "store", "The store is killed whenever it runs", (rig, _) =>
            {
                rig.Touch("store");
                rig.Keep(TimeSpan.FromMilliseconds(100), () => Programs.Run(["kill", "-KILL", $"{rig.PidOf("store")}"]));
                return Task.CompletedTask;
            },
            async (rig, stop) => !await Oracles.ConnectsAsync("127.0.0.1", rig.PortOf("store"), stop)) { Expected = $"store.{CrashLoop}" },
        new SettingFault("store-elsewhere", "store", "The backend looks for the store where none is", "backend", _ => $$"""{ "Store": { "Address": "127.0.0.1:{{Rig.FreePort()}}" } }""",
            async (rig, stop) => (await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/health/ready"), stop)).Body.Contains("does not answer", StringComparison.Ordinal)) { Expected = $"backend.{WrongStoreAddress}", StopsIt = true },
        new SimpleFault("store-far-away", "store", "Between the backend and the store each piece takes 400 ms", async (rig, stop) =>
            {
                var proxy = rig.Proxy(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, rig.PortOf("store")), new ProxyBehaviour { IsRaw = true, Delay = TimeSpan.FromMilliseconds(400) });
                rig.Settings("backend", $$"""{ "Store": { "Address": "127.0.0.1:{{proxy.EndPoint.Port}}" } }""");
                await rig.RestartAsync("backend", comesBack: true, stop);
            },
            async (rig, stop) => JsonElement.Parse((await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/health/ready"), stop)).Body).Member("checks").Member("store").Member("latencyMs").GetDouble() > 300)
        { Expected = $"backend.{StoreSlow}", Checks = [2, 4] },
    ];
}
