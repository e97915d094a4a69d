using System.Text.Json;
using Throughline.ServiceDefaults;
using Throughline.Verify.Looks;

namespace Throughline.Verify.Checks.Startup;

/// <summary>Check 1, on what runs: each service is ready, is who its record says, and listens where its record says.</summary>
internal sealed class RunningServices : CheckPart
{
    private static readonly string[] Services = ["store", "auth", "backend", "frontend"];
    private static readonly Assertion[] Records = [.. Services.Select(s => new Assertion($"startup.record.{s}", $"The discovery record of {s} names the port on which its process listens, and whoever answers there is it")
    {
        Needs = Needs.Services | Needs.SameMachine | StoreOf(s),
    })];

    private static readonly Assertion[] Ready = [.. Services.Select(s => new Assertion($"startup.ready.{s}", $"{Capital(s)} is ready, and answers with the instance and pid that its record and the launcher name") { Needs = Needs.Services | StoreOf(s) })];
    private static readonly string[] Databases = ["auth", "backend"];
    private static readonly Assertion[] Files = [.. Databases.Select(s => new Assertion($"startup.files.{s}", $"{Capital(s)} writes to the database file that its next start will find") { Needs = Needs.Services | Needs.SameMachine })];
    private static readonly Assertion Keys = new("startup.keys.agree", "Auth and the backend hold the same signing material") { Needs = Needs.Services };
    private static readonly Assertion Origin = new("startup.origin", "The public origin forwards the paths of auth and of the backend to them") { Needs = Needs.Services };
    private static readonly Assertion Clocks = new("startup.clocks", "The clocks of the services and of this machine are at most five seconds apart") { Needs = Needs.Services };
    private static readonly Assertion Phases = new("startup.phases", "All was ready within 30 seconds of the start, and the time of each phase was told", 30_000) { Needs = Needs.OwnStack };

    public override IReadOnlyList<Assertion> Assertions { get; } = [.. Records, .. Ready, .. Files, Keys, Clocks, Origin, Phases];

    public override bool RunsAtOnce => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        var system = run.System;
        await Task.WhenAll(Services.Select((service, i) => run.ShowAsync(Records[i], (probe, stop) => RecordAsync(system, service, probe, stop), cancellationToken)));
        await Task.WhenAll(Services.Select((service, i) => run.ShowAsync(Ready[i], (probe, stop) => ReadyAsync(system, service, probe, stop), cancellationToken)));
        await Task.WhenAll(Databases.Select((service, i) => run.ShowAsync(Files[i], (probe, _) => FilesAsync(system, service, probe), cancellationToken)));
        // None of these needs another, and each waits long for a service that hangs.
        await Task.WhenAll(
            run.ShowAsync(Keys, (probe, stop) => KeysAsync(system, probe, stop), cancellationToken),
            run.ShowAsync(Clocks, (probe, stop) => ClocksAsync(system, probe, stop), cancellationToken),
            run.ShowAsync(Origin, (probe, stop) => OriginAsync(system, probe, stop), cancellationToken));
        await run.ShowAsync(Phases, (probe, _) =>
        {
            if (system.Own is not { } own) throw new NotJudged("verify did not start this stack itself");
            var events = own.Events;
            foreach (var service in Services)
                probe.That(events.Any(e => e.Event.FindText("service") == service && IsReady(e.Event)), $"the launcher did not tell when {service} was ready");
            var ready = events.FirstOrDefault(e => e.Event.FindText("event") == "ready").Event;
            probe.Measure(ready.Member("elapsedMs").GetDouble(), Phases.LimitMs!.Value, "ms");
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static Needs StoreOf(string service) => service == "store" ? Needs.OwnStore : Needs.None;

    private static bool IsReady(JsonElement e) => string.Equals(e.FindText("state"), "ready", StringComparison.OrdinalIgnoreCase);

    private static async Task RecordAsync(SystemUnderTest system, string service, Probe probe, CancellationToken cancellationToken)
    {
        var look = await system.LookAtRecordAsync(service, cancellationToken);
        // What lies behind a wrong record is looked at all the same: it may have a fault of its own.
        if (look is { Rejection: not null, ActualPort: { } port }) system.Correct(service, new Uri($"http://127.0.0.1:{port}"));
        if (look.Rejection is { } rejection)
        {
            system.NoteLog(service);
            throw new Refutation($"the record of {service} is wrong: {rejection}{(look.ActualPort is { } actual ? $"; the instance answers on port {actual}" : "")}");
        }

        probe.That(look.Port > 0, "the record names no port");
    }

    private static async Task ReadyAsync(SystemUnderTest system, string service, Probe probe, CancellationToken cancellationToken)
    {
        var record = system.RecordOf(service) ?? throw new Refutation(SystemUnderTest.NoRecordOf(service));
        if (LauncherPidOf(system, service) is { } pid) probe.Equal($"the pid of {service} by the launcher", pid, record.Pid);
        if (service == "store")
        {
            // It has no page of its own; that it takes this state's password and answers PING is its readiness.
            var look = await system.LookAtRecordAsync(service, cancellationToken);
            probe.That(look.Rejection is null, $"the store does not answer: {look.Rejection}");
            return;
        }

        var health = await system.LookAtHealthAsync(service, cancellationToken);
        probe.Equal($"the status of {service}", HealthStatus.Healthy, health.FindText("status"));
        probe.Equal($"the service that answers", service, health.FindText("service"));
        probe.Equal($"the instance that answers", record.Instance, health.Id("instance"));
        probe.Equal($"the pid that answers", record.Pid, (int)health.Number("pid"));
    }

    private static Task FilesAsync(SystemUnderTest system, string service, Probe probe)
    {
        var path = Path.Combine(system.StateRoot!, $"{service}.db");
        var records = system.RecordsOf(service);
        probe.That(records.Count > 0, SystemUnderTest.NoRecordOf(service));
        foreach (var record in records) probe.That(DeletedFiles.HeldBy(record.Pid, path) is null, $"{path} was deleted, and process {record.Pid} goes on writing to it");
        return Task.CompletedTask;
    }

    /// <summary>By the key ids that both name, and by the proof that the backend asked of auth.</summary>
    private static async Task KeysAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        var keys = (await system.Web.GetAsync(new Uri(system.Auth, "/.well-known/jwks"), null, cancellationToken)).Expect(200).Json;
        var published = keys.Items("keys").Select(k => k.FindText("kid")).ToHashSet();
        var held = system.RecordOf("backend")?.SigningKeyIds ?? [];
        probe.That(held.All(k => k == TokenOptions.SharedKeyId || published.Contains(k)), $"the backend holds the keys {string.Join(", ", held)}; auth publishes {string.Join(", ", published)}");
        var health = await system.LookAtHealthAsync("backend", cancellationToken);
        var signing = health.Find("checks")?.Find("signing");
        probe.That(signing is not null, "the backend does not tell whether it agrees with auth (no readiness check 'signing')");
        probe.That(signing?.FindText("status") == HealthStatus.Healthy, $"the backend does not agree with auth: {signing?.FindText("error") ?? signing?.FindText("status")}");
        // Proof by use: a token that auth makes now is taken by the backend.
        var token = await system.ServiceTokenAsync("backend", cancellationToken);
        (await system.Web.GetAsync(new Uri(system.Backend, $"/internal/users/{Guid.Empty}"), token, cancellationToken)).Expect(404);
    }

    private static async Task ClocksAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        foreach (var service in Services.Where(s => s != "store"))
        {
            var ahead = await system.LookAtClockAsync(service, system.AddressOf(service), cancellationToken);
            probe.That(Math.Abs(ahead.TotalSeconds) <= ClockLook.AllowedSeconds, $"the clock of {service} is {Math.Abs(ahead.TotalSeconds):0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} this machine's");
        }
    }

    private static async Task OriginAsync(SystemUnderTest system, Probe probe, CancellationToken cancellationToken)
    {
        foreach (var (service, path, status) in ((string, string, int)[])[("auth", "/.well-known/jwks", 200), ("backend", "/api/threads", 401)])
        {
            var answer = (await system.Web.GetAsync(new Uri(system.Frontend, path), null, cancellationToken)).Expect(status);
            probe.That(system.RecordsOf(service).Any(r => $"{r.Instance}" == answer.Header("Throughline-Instance")), $"{path} was answered by {answer.Header("Throughline-Instance") ?? "nobody who says who it is"}");
        }
    }

    private static int? LauncherPidOf(SystemUnderTest system, string service)
    {
        var path = Path.Combine(system.StateRoot!, "launcher.json");
        if (!File.Exists(path)) return null;
        var child = JsonElement.Parse(File.ReadAllBytes(path)).Items("children").FirstOrDefault(c => c.FindText("name") == service);
        return child.ValueKind == JsonValueKind.Object ? (int)child.Number("pid") : null;
    }

    private static string Capital(string service) => char.ToUpperInvariant(service[0]) + service[1..];
}
