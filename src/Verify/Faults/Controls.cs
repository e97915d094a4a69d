using System.Diagnostics.CodeAnalysis;
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

    // What is neither start-up nor the journey, and kills nothing.
    private static readonly int[] Others = [3, 4, 5, 6, 8, 9];

    // What an operator may choose.
    private static readonly (string Service, Func<Random, string> Json)[] Choices =
    [
        ("backend", random => $$"""{ "Gateway": { "HeartbeatSeconds": {{random.Next(10, 20)}} } }"""),
        ("backend", random => $$"""{ "Gateway": { "SocketsPerUser": {{random.Next(8, 30)}}, "QueueBytes": {{random.Next(500_000, 4_000_000)}} } }"""),
        ("backend", random => $$"""{ "Limits": { "PointsPerUser": {{random.Next(1_000, 5_000)}}, "SearchCost": {{random.Next(3, 9)}} } }"""),
        ("backend", random => $$"""{ "Overload": { "RequestsAtOnce": {{random.Next(100, 1_000)}} } }"""),
        ("backend", random => $$"""{ "Retention": { "Threads": "{{random.Next(30, 400)}}.00:00:00" } }"""),
        ("auth", random => $$"""{ "Accounts": { "SignUpsPerMinute": {{random.Next(60, 600)}}, "CodeLifetime": "00:0{{random.Next(5, 10)}}:00" } }"""),
        ("auth", random => $$"""{ "Accounts": { "FailedLoginsPerAccount": {{random.Next(3, 8)}} } }"""),
        ("auth", random => $$"""{ "Accounts": { "HashPasses": {{random.Next(5, 9)}} } }"""),
        ("auth", random => $$"""{ "SigningKeys": { "RotateEvery": "{{random.Next(7, 400)}}.00:00:00" } }"""),
        ("frontend", _ => """{ "Logging": { "LogLevel": { "Default": "Debug" } } }"""),
        ("auth", _ => """{ "Logging": { "LogLevel": { "Default": "Warning" } } }"""),
        ("backend", _ => """{ "Logging": { "LogLevel": { "Default": "Debug" } } }"""),
    ];

    private static readonly Func<Random, string, int[], Fault>[] Kinds =
    [
        (_, number, checks) => Nothing(number, checks),
        (random, number, checks) => Scary(number, Rig.Services[random.Next(Rig.Services.Length)], checks),
        (random, number, checks) => Killed(number, Rig.Services[random.Next(Rig.Services.Length)], checks),
        (random, number, checks) => Chosen(number, Choices[random.Next(Choices.Length)], random, checks),
        (random, number, checks) => Chosen(number, Choices[random.Next(Choices.Length)], random, checks), // twice: there are many to choose from
        (random, number, checks) => Front(number, random.Next(2) == 0 ? "auth" : "backend", TimeSpan.FromMilliseconds(random.Next(20)), checks),
        (random, number, checks) => Paused(number, Rig.Services[random.Next(Rig.Services.Length)], TimeSpan.FromMilliseconds(random.Next(50, 800)), checks),
        (random, number, checks) => WithNewline(number, random.Next(2) == 0 ? "backend" : "frontend", checks),
        (_, number, checks) => Busy(number, checks),
    ];

    public static IEnumerable<Fault> All() =>
    [
        Nothing("", [1, 2, 4, 9]),
        Scary("", "backend", [1, 2]),
        Killed("", "backend", [1, 2]),
        new SettingFault("other-heartbeat", "control", "The backend is told another heartbeat", "backend", _ => """{ "Gateway": { "HeartbeatSeconds": 14 } }""", HasSettings("backend")),
        Front("", "auth", TimeSpan.Zero, [1, 2]),
        WithNewline("", "backend", [1, 2]),
    ];

    /// <summary>So many harmless changes of the kinds above, each with one check more than usual; the same for the same seed.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "A seed shall give the same controls again.")]
    public static IReadOnlyList<Fault> Drawn(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, count).Select(number => Kinds[random.Next(Kinds.Length)](random, $"-{number}", [1, 2, Others[random.Next(Others.Length)]]))];
    }

    /// <summary>Puts lines that mean nothing beside a real fault.</summary>
    public static void ScareIn(Rig rig, string service)
    {
        var path = rig.PathOf("logs", $"{service}.log");
        using var log = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        foreach (var line in Scares) log.WriteLine($"{rig.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {line}");
    }

    private static SimpleFault Nothing(string number, int[] checks) =>
        new($"nothing{number}", "control", "Nothing is done", (_, _) => Task.CompletedTask, (_, _) => Task.FromResult(true)) { Checks = checks };

    private static SimpleFault Scary(string number, string service, int[] checks) => new(
        $"scary-log{number}", "control", $"{The(service)}'s log holds frightening lines", (rig, _) =>
        {
            ScareIn(rig, service);
            return Task.CompletedTask;
        },
        (rig, _) => Task.FromResult(LogOf(rig, service).Contains("OutOfMemoryException", StringComparison.Ordinal)))
    { Checks = checks };

    private static SimpleFault Killed(string number, string service, int[] checks) => new(
        $"killed-once{number}", "control", $"{The(service)} is killed once, and the launcher starts it again",
        (rig, stop) => rig.RestartAsync(service, comesBack: true, stop), (rig, stop) => IsUpAsync(rig, service, stop))
    { Checks = checks };

    private static SettingFault Chosen(string number, (string Service, Func<Random, string> Json) choice, Random random, int[] checks)
    {
        var json = choice.Json(random);
        return new($"chosen{number}", "control", $"An operator tells {choice.Service}: {json}", choice.Service, _ => json, HasSettings(choice.Service)) { Checks = checks };
    }

    private static InFront Front(string number, string service, TimeSpan delay, int[] checks) => new(
        $"honest-front{number}", "control", $"What stands in front of {service} passes everything on as it is{(delay > TimeSpan.Zero ? $", {delay.TotalMilliseconds:0} ms later" : "")}", service,
        _ => new ProxyBehaviour { Delay = delay }, (_, _) => Task.FromResult(true))
    { Checks = checks };

    private static SimpleFault Paused(string number, string service, TimeSpan time, int[] checks) => new(
        $"paused-once{number}", "control", $"{The(service)} is stopped for {time.TotalMilliseconds:0} ms",
        async (rig, stop) =>
        {
            var pid = rig.PidOf(service);
            rig.Signal(pid, "STOP");
            await Task.Delay(time, rig.Time, stop);
            rig.Signal(pid, "CONT");
        },
        (rig, stop) => IsUpAsync(rig, service, stop))
    { Checks = checks };

    private static SimpleFault WithNewline(string number, string service, int[] checks) => new(
        $"secret-with-a-newline{number}", "control", $"{The(service)}'s client secret ends with a line break, as an editor leaves it", (rig, _) =>
        {
            rig.Write(rig.PathOf("secrets", $"client-{service}"), rig.Secret($"client-{service}") + "\n");
            return Task.CompletedTask;
        },
        (rig, _) => Task.FromResult(File.ReadAllText(rig.PathOf("secrets", $"client-{service}")).EndsWith('\n')))
    { Checks = checks };

    private static SimpleFault Busy(string number, int[] checks)
    {
        RunningTool? tool = null;
        return new(
            $"busy-processor{number}", "control", "Another program takes one processor", (rig, _) =>
            {
                rig.Use(tool = new RunningTool(rig, ["sh", "-c", "while :; do :; done"], ""));
                return Task.CompletedTask;
            },
            (_, _) => Task.FromResult(tool is { HasExited: false }))
        { Checks = checks };
    }

    private static Func<Rig, CancellationToken, Task<bool>> HasSettings(string service) => (rig, _) => Task.FromResult(File.Exists(ServiceSettings.PathOf(rig.State, service)));

    private static async Task<bool> IsUpAsync(Rig rig, string service, CancellationToken cancellationToken) => !await Oracles.IsDownAsync(rig, service);

    private static string The(string service) => service == "auth" ? "Auth" : $"The {service}";

    private static string LogOf(Rig rig, string service)
    {
        using var reader = ServiceLog.Open(rig.State, service);
        return reader?.ReadToEnd() ?? "";
    }
}
