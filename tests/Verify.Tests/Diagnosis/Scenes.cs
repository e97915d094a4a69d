using System.Text;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>Findings as a run records them: failures with their evidence, and what was looked at afterwards.</summary>
internal static class Scenes
{
    public static readonly DateTimeOffset At = DateTimeOffset.Parse("2026-01-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
    public static readonly Guid Backend = Guid.Parse("01900000-0000-7000-8000-000000000001");
    public static readonly Guid Auth = Guid.Parse("01900000-0000-7000-8000-000000000002");

    public static Finding Failed(string id, string reason, params IReadOnlyList<EvidenceItem> evidence) =>
        new(id, id.Split('.')[0], id, Verdict.Failed, reason, null, null, evidence, At, At.AddSeconds(1));

    public static Finding Held(string id) => Failed(id, "", Http("/api/me", 200)) with { Verdict = Verdict.Passed, Reason = null };

    public static Finding Late(string id, double ms, double limit) => Failed(id, $"{ms} ms is over the limit of {limit} ms", Http("/api/me", 200, at: "backend")) with { Measurement = new Measurement(ms, limit, "ms") };

    public static Finding Composed(string service, string fault) => Failed($"composition.container.{service}", "it is not as expected", new Comparison(At, $"the faults of container in {service}", "", fault));

    public static Finding Looked(string id, params IReadOnlyList<EvidenceItem> evidence) => new($"look.{id}", "look", id, Verdict.Passed, null, null, null, evidence, At, At);

    public static HttpExchange Http(string path, int? status, string? code = null, ExchangeFailure? failure = null, string? error = null, string at = "backend") => new(
        At, "GET", $"http://127.0.0.1:{(at == "auth" ? 8001 : 8000)}{path}", "bearer token", status, code, failure, error, new Answerer(at, at == "auth" ? Auth : Backend), null, 5);

    public static SocketExchange Socket(int? close = null, string? text = null, int? http = null, ExchangeFailure? failure = null, string host = "127.0.0.1", string carrier = "header") => new(
        At, $"ws://{host}:8000/ws", carrier, null, http, close, text, failure, null, new Answerer("backend", null), null, 5, 0, []);

    public static HealthLook Health(string service, string status = "healthy", params IReadOnlyList<(string Name, string Said)> dependencies) => new(
        At, service, "http://127.0.0.1:8000/health/ready", status, dependencies.ToDictionary(d => d.Name, d => d.Said), null);

    /// <summary>A service that runs, listens and answers.</summary>
    public static ServiceLook Service(string service, int pid = 71) => new(
        At, service, pid, true, ["S", "S", "S"], [], [PortOf(service)], service == "store" ? null : $"http://127.0.0.1:{PortOf(service)}", null, 120, 1024, 1024, null, null, null, 70, true, "S");

    /// <summary>A service that is gone, and so is the launcher.</summary>
    public static ServiceLook Ended(string service) => Service(service) with { IsAlive = false, States = [], Ports = [], DirectUrl = null, IsLauncherAlive = false, LauncherState = null };

    public static DiscoveryLook Record(string service, string? rejection = null, int? port = null, int pid = 71) => new(
        At, service, $"/state/.service_discovery/{service}.json", service == "auth" ? Auth : Backend, pid, true, port ?? PortOf(service), $"http://127.0.0.1:{port ?? PortOf(service)}",
        service == "backend" ? $"ws://127.0.0.1:{port ?? PortOf(service)}/ws" : null, At.AddSeconds(15), [PortOf(service)], null, null, rejection, rejection is null ? null : PortOf(service), []);

    /// <summary>Everything looked at, and nothing wrong with any of it but what is given, which takes the place of its like.</summary>
    public static IReadOnlyList<Finding> Seen(IReadOnlyList<Finding> failed, params IReadOnlyList<EvidenceItem> instead)
    {
        List<EvidenceItem> all =
        [
            .. new[] { "store", "auth", "backend", "frontend" }.Select(s => Service(s)), .. new[] { "store", "auth", "backend", "frontend" }.Select(s => Record(s)),
            Health("auth", "healthy", ("database", "healthy"), ("store", "healthy")), Health("backend", "healthy", ("database", "healthy"), ("store", "healthy"), ("signing", "healthy"), ("auth-feed", "healthy")),
            Health("frontend", "healthy", ("auth", "healthy"), ("backend", "healthy")), new StoreLook(At, "127.0.0.1:6380", true, null, null, 1),
            new DatabaseLook(At, "auth", "/state/auth.db", true, true, true, 1L << 40, null, null), new DatabaseLook(At, "backend", "/state/backend.db", true, true, true, 1L << 40, null, null),
            new MachineLook(At, 4, 0.5, 1L << 40),
        ];
        all.RemoveAll(one => instead.Any(other => one.GetType() == other.GetType() && SubjectOf(one) == SubjectOf(other)));
        return [.. failed, .. all.Concat(instead).Select((item, i) => Looked($"{i}", item))];
    }

    /// <summary>The same, with log lines in every finding that would frighten whoever read them.</summary>
    public static IReadOnlyList<Finding> Scared(IEnumerable<Finding> findings)
    {
        var scare = new LogLook(At, "auth", ["crit: SQLite Error 11: 'database disk image is malformed'.", "auth: The key-value store at 127.0.0.1:6380 refuses our password: restart."]);
        return [.. findings.Select(f => f with { Evidence = [.. f.Evidence, scare] })];
    }

    /// <summary>A failure at a service whose log has a line about that very request.</summary>
    public static IReadOnlyList<Finding> Logged(string line, string at = "auth", string id = "journey.signup.created", string? about = null) => Seen(
        [Failed(id, "answered 500", Http(at == "auth" ? "/auth/signup" : "/api/threads", 500, "internal", at: at) with { TraceId = "4bf92f3577b3" }) with { LoggedAs = ["4bf92f3577b3"] }],
        new LogLook(At, at, [line]) { About = [about ?? "4bf92f3577b3"] });

    /// <summary>Causes as somebody reads them.</summary>
    public static string Describe(IReadOnlyList<Cause> causes)
    {
        var text = new StringBuilder();
        foreach (var cause in causes)
        {
            text.AppendLine($"{cause.Id}: {cause.Sentence}").AppendLine($"  explains {string.Join(", ", cause.Explains)}");
            foreach (var arrow in cause.Chain) text.AppendLine($"  {arrow.From} → {arrow.To} ({arrow.Probe}, {arrow.Evidence})");
            text.AppendLine($"  fix: {cause.Fix.Text} {string.Join('|', cause.Fix.Argv ?? [])}");
            foreach (var candidate in cause.Candidates) text.AppendLine($"  perhaps {candidate.Component}.{candidate.Fault}: {candidate.Sentence}");
        }

        return text.ToString();
    }

    private static string SubjectOf(EvidenceItem item) => item switch
    {
        ServiceLook service => service.Service,
        DiscoveryLook record => record.Service,
        HealthLook health => health.Service,
        DatabaseLook database => database.Service,
        DirectLook direct => direct.What,
        LogLook log => log.About?[0] ?? "",
        NameLook name => name.Host,
        _ => "",
    };

    private static int PortOf(string service) => service switch { "store" => 6380, "auth" => 8001, "backend" => 8000, _ => 3000 };
}
