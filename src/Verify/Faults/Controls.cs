using Throughline.ServiceDefaults;

namespace Throughline.Verify.Faults;

/// <summary>Changes that are none, some of them noisy: nothing may fail, and nothing may be diagnosed.</summary>
internal static class Controls
{
    private static readonly string[] Scares =
    [
        "crit: Microsoft.Data.Sqlite[0] SQLite Error 11: 'database disk image is malformed'.", "fail: Throughline.Backend[1] Unhandled exception. System.OutOfMemoryException",
        "backend: The key-value store at 127.0.0.1:6380 refuses our password: write the store's into secrets/store-password and restart.",
    ];

    public static IEnumerable<Fault> All() =>
    [
        new SimpleFault("nothing", "control", "Nothing is done", (_, _) => Task.CompletedTask, (_, _) => Task.FromResult(true)) { Checks = [1, 2, 4, 9] },
        new SimpleFault("scary-log", "control", "The backend's log holds frightening lines", (rig, _) =>
            {
                ScareIn(rig, "backend");
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(LogOf(rig, "backend").Contains("OutOfMemoryException", StringComparison.Ordinal))),
        new SimpleFault("killed-once", "control", "The backend is killed once, and the launcher starts it again", (rig, stop) => rig.RestartAsync("backend", comesBack: true, stop), async (rig, stop) => !await Oracles.IsDownAsync(rig, "backend")),
        new SettingFault("other-heartbeat", "control", "The backend is told another heartbeat", "backend", _ => """{ "Gateway": { "HeartbeatSeconds": 14 } }""", (rig, _) => Task.FromResult(File.Exists(ServiceSettings.PathOf(rig.State, "backend")))),
        new InFront("honest-front", "control", "What stands in front of auth passes everything on as it is", "auth", _ => new ProxyBehaviour(), (rig, _) => Task.FromResult(rig.RecordOf("auth").Host == Rig.FrontHost)),
        new SimpleFault("secret-with-a-newline", "control", "The backend's client secret ends with a line break, as an editor leaves it", (rig, _) =>
            {
                rig.Write(rig.PathOf("secrets", "client-backend"), rig.Secret("client-backend") + "\n");
                return Task.CompletedTask;
            },
            (rig, _) => Task.FromResult(File.ReadAllText(rig.PathOf("secrets", "client-backend")).EndsWith('\n'))),
    ];

    /// <summary>Puts lines that mean nothing beside a real fault.</summary>
    public static void ScareIn(Rig rig, string service)
    {
        var path = rig.PathOf("logs", $"{service}.log");
        using var log = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        foreach (var line in Scares) log.WriteLine($"{rig.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line}");
    }

    private static string LogOf(Rig rig, string service)
    {
        using var reader = ServiceLog.Open(rig.State, service);
        return reader?.ReadToEnd() ?? "";
    }
}
