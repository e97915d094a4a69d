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
                var (folder, aside) = (rig.PathOf("files"), rig.PathOf("files-aside"));
                rig.Journal.WillRun("mv", aside, folder);
                rig.Journal.WillRemove(folder);
                Directory.Move(folder, aside);
                File.WriteAllText(folder, "");
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
            (rig, _) => IsRenamedAsync(rig, "facts")) { Expected = $"backend.{AgentFails}", Checks = [2, 5] },
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
