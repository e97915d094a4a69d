using System.Net;
using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>What agents and tools need.</summary>
internal static class AgentFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new SimpleFault("files-are-no-folder", "agents", "Where the backend keeps files there is a file", (rig, _) =>
            {
                ReplaceByFile(rig, "files");
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(File.Exists(rig.PathOf("files")))) { Resource = "files", Expected = $"backend.{FilesUnwritable}", Checks = [2, 5] },
        Model("model-hangs", "The model takes questions and never answers", fails: false),
        Model("model-fails", "The model answers every question with 500", fails: true),
        new SimpleFault("table-of-facts-gone", "agents", "The table in which tools keep their facts is gone", (rig, _) =>
            {
                Rename(rig, "facts");
                return Task.CompletedTask;
            },
            (rig, _) => IsRenamedAsync(rig, "facts")) { Expected = $"backend.{DatabaseUnmigrated}", Checks = [2, 5] },
        new SettingFault("short-frames", "agents", "The backend takes no frame of more than 16 KiB", "backend", _ => """{ "Gateway": { "MaxFrameBytes": 16384 } }""", async (rig, stop) =>
            {
                var (_, member) = await rig.NewMemberAsync(stop);
                await using var socket = await ProbeSocket.OpenAsync(new Uri($"ws://127.0.0.1:{rig.PortOf("backend")}/ws"), Carrier.Header, member.AccessToken, rig.Time, stop);
                await socket.HelloAsync(stop);
                await socket.SendTextAsync(new string(' ', 20_000), stop); // refused as no frame of ours, unless it is too big to be read
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
                limit.CancelAfter(TimeSpan.FromSeconds(1));
                try
                {
                    return await socket.ClosedAsync(limit.Token) == 1009;
                }
                catch (TimeoutException)
                {
                    return false;
                }
            }) { Expected = $"backend.{FrameTooBig}", Checks = [1, 2, 5] },
        new InFront("socket-delayed", "agents", "What stands in front of the backend holds up each piece that it sends on a socket for 0.6 s", "backend", _ => new DelaysSockets(TimeSpan.FromSeconds(0.6)), async (rig, stop) =>
            {
                var began = rig.Time.GetTimestamp();
                return await Oracles.SocketAsync(Oracles.Front(rig, "backend"), "any", stop) == "4002" && rig.Time.GetElapsedTime(began) > TimeSpan.FromSeconds(0.5);
            }) { Expected = $"proxy.{Slow}", Checks = [1, 2, 5] },
    ];

    private static SimpleFault Model(string name, string sentence, bool fails)
    {
        FaultProxy? model = null;
        return new SimpleFault(name, "agents", sentence, async (rig, stop) =>
            {
                model = rig.Proxy(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, rig.PortOf("auth")), new BadModel(fails));
                rig.Settings("backend", $$"""{ "Model": { "Endpoint": "http://127.0.0.1:{{model.EndPoint.Port}}/v1", "Timeout": "00:00:20" } }""");
                await rig.RestartAsync("backend", comesBack: true, stop);
            },
            // It is there once a question would go to it; that it was asked shows only after one.
            (rig, stop) => Oracles.ConnectsAsync("127.0.0.1", model!.EndPoint.Port, stop))
        { Expected = $"backend.{ModelFails}", Checks = [2, 5] };
    }
}
