using Throughline.Verify.Checks;
using Throughline.Verify.Checks.Isolation;
using Throughline.Verify.Checks.Journey;
using Throughline.Verify.Checks.Persistence;
using Throughline.Verify.Checks.Recovery;
using Throughline.Verify.Checks.Sync;
using static Throughline.Verify.Tests.Diagnosis.Scenes;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>Recorded failures, one of each kind, and the cause that their evidence shows.</summary>
public sealed class NamingCauses
{
    private static readonly ProofGraph Graph = GraphFile.BuiltIn();
    private static readonly IReadOnlyList<Finding> NoSocket =
    [
        Failed("journey.socket.hello", "not within 5 s", Socket(failure: ExchangeFailure.TimedOut)), Failed("journey.backend.accepts", "not within 10 s", Http("/api/threads", null, failure: ExchangeFailure.TimedOut)),
    ];

    private static readonly IReadOnlyList<Finding> RefusedToken =
    [
        Failed("startup.keys.agree", "the backend does not agree with auth", Health("backend", "unhealthy")), Failed("journey.backend.accepts", "GET /api/threads answered 401 invalid_token instead of 200", Http("/api/threads", 401, "invalid_token", error: "bad_signature")),
    ];

    private static readonly MachineLook Busy = new(At, 2, 8.6, 1L << 40);

    private static readonly string Page = "http://localhost:3000";

    /// <summary>Nothing comes of what is asked by the public origin's name, and the backend does not take its page.</summary>
    private static IReadOnlyList<Finding> AtThePage(ExchangeFailure failure) =>
    [
        Failed("startup.origin", "it does not answer", Http("/api/limits", null, failure: failure, at: "frontend") with { Url = $"{Page}/api/limits" }),
        Failed("jwt.reject.origin", "the connection broke before hello", Socket(http: 403) with { Sent = "Origin: https://evil.example" }, Socket(http: 403) with { Sent = $"Origin: {Page}" }),
    ];

    private static GroupLook Group(string limit, double? share = null, long? times = null) => new(At, "backend", 71, "/docker/1f", limit, limit switch { GroupLook.Memory => 64 << 20, GroupLook.Threads => 64, _ => 0.5 }, share, times);

    private static EvidenceItem Itself(EvidenceItem item) => item with { IsControl = true };

    private static DirectLook Misdirected(string given) => new(At, "frontend", "GET /api/limits of backend", Page, "http://127.0.0.1:8000/", given, "401");

    public static TheoryData<string, string, IReadOnlyList<Finding>> Recorded { get; } = new()
    {
        { "a public origin that the backend was not told of", "backend.origin_refused", Seen([Failed("jwt.reject.origin", "the connection broke before hello", Socket(http: 403) with { Sent = "Origin: https://evil.example" }, Socket(http: 403) with { Sent = "Origin: https://spend.example.com" })]) },
        { "a proxy that takes tokens out", "proxy.token_stripped", Seen([Failed("jwt.accept.header", "the socket closed with 4001", Socket(4001, "no token provided")), Failed("journey.profile.synced", "GET /api/me answered 401 no_token instead of 200", Http("/api/me", 401, "no_token")), Failed("jwt.refresh.rotates", "GET /auth/me answered 401 no_token instead of 200", Http("/auth/me", 401, "no_token", at: "auth") with { Url = "http://127.0.0.1:8000/auth/me" })]) },
        { "a proxy that takes origins out", "proxy.origin_refused", Seen([Failed("journey.login.page", "POST /session answered 403 foreign_origin instead of 200", Http("/session", 403, "foreign_origin", at: "frontend")), Failed("jwt.reject.origin", "it is let in: the socket was greeted", Socket() with { Sent = "Origin: https://evil.example", UserId = Guid.Empty })]) },
        { "a frontend that takes tokens out", "frontend.token_stripped", Seen([Failed("journey.page.passes", "GET /api/me answered 401 no_token instead of 200", Itself(Http("/api/me", 200)), Http("/api/me", 401, "no_token") with { Url = $"{Page}/api/me" }), Failed("journey.browser.signup", "not within 20 s")]) },
        { "a frontend that takes sockets elsewhere", "frontend.upgrade_refused", Seen([Failed("journey.page.passes", "the connection broke before hello", Itself(Socket(carrier: "subprotocol") with { UserId = Guid.Empty }), Socket(http: 404, carrier: "subprotocol") with { Url = "ws://127.0.0.1:3000/ws" })]) },
        { "a frontend that takes the token out of sockets", "frontend.token_stripped", Seen([Failed("journey.page.passes", "the socket closed with 4001", Itself(Socket(carrier: "subprotocol") with { UserId = Guid.Empty }), Socket(4001, "no token provided", carrier: "subprotocol") with { Url = "ws://127.0.0.1:3000/ws" })]) },
        { "a frontend that answers what is the backend's", "frontend.answers_otherwise", Seen([Failed("journey.page.passes", "GET /api/me answered 503 unavailable instead of 200", Itself(Http("/api/me", 200)), Http("/api/me", 503, "unavailable", at: "frontend") with { Url = $"{Page}/api/me" })]) },
        { "a frontend that lets pages of other sites in", "frontend.lets_in_who_must_be_refused", Seen([Failed("journey.login.foreign", "POST /session/refresh answered 200 instead of 403 foreign_origin", Http("/session/refresh", 200, at: "frontend"))]) },
        { "a frontend that does not follow auth", "frontend.wrong_address", Seen([Failed("startup.port.follows", "not within 20 s: frontend does not find auth where it is now", Http("/.well-known/jwks", 503, "unavailable", at: "frontend"))]) },
        { "a page under a name that nobody told", "frontend.origin_refused", Seen([Failed("journey.login.page", "POST /session answered 403 foreign_origin instead of 200", Http("/session", 403, "foreign_origin", at: "frontend"))]) },
        { "a proxy that asks by a name of its own", "frontend.unknown_host", Seen([Failed("journey.signup.created", "POST /auth/signup answered 400 unknown_host instead of 201", Http("/auth/signup", 400, "unknown_host", at: "auth"))]) },
        { "a proxy that takes upgrades out", "proxy.upgrade_refused", Seen([Failed("jwt.accept.header", "the upgrade was refused with HTTP 426", Socket(http: 426)), Failed("jwt.refresh.sockets", "no socket opened before: the connection broke before hello")]) },
        { "a firewall that lets no socket in", "proxy.upgrade_refused", Seen([Failed("jwt.accept.header", "the upgrade was refused with HTTP 403", Socket(http: 403)), Failed("jwt.reject.malformed", "HTTP 403", Socket(http: 403) with { Sent = "not.a.token" }), Failed("jwt.reject.origin", "the connection broke before hello", Socket(http: 403) with { Sent = "Origin: https://evil.example" }, Socket(http: 403) with { Sent = "Origin: https://spend.example.com" })]) },
        { "a proxy that takes subprotocols out", "proxy.subprotocol_stripped", Seen([Failed("jwt.accept.header", "the subprotocol is nothing instead of throughline.v1", Socket(), new Comparison(At, "the subprotocol", "throughline.v1", "nothing")), Failed("jwt.accept.subprotocol", "closed with 4001", Socket(4001, carrier: "subprotocol"))]) },
        { "a proxy that takes the limits' fields out", "proxy.hides_limits", Seen([Failed("limits.http.fields", "RateLimit-Policy is missing", Http("/api/threads", 429, "rate_limited")), Failed("limits.login.account", "Retry-After is missing", Http("/auth/login", 429, "rate_limited", at: "auth"))]) },
        { "a proxy that refuses large bodies", "proxy.answers_otherwise", Seen([Failed("journey.ask.uploaded", "POST /api/files answered 413 instead of 201", Http("/api/threads", 200), Http("/api/files", 413) with { From = new Answerer("backend", null), Body = "<h1>413 Request Entity Too Large</h1>" })]) },
        { "a page in place of Throughline", "proxy.answers_otherwise", Seen([Failed("journey.signup.created", "POST /auth/signup answered 200 instead of 201", Http("/auth/signup", 200, at: "auth") with { From = new Answerer("auth", null) })]) },
        { "stopped", "backend.hung", Seen(NoSocket, Service("backend") with { States = ["T", "T", "T"], DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut }) },
        { "deadlocked", "backend.hung", Seen(NoSocket, Service("backend") with { DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut }) },
        { "stopped for a while", "backend.hung", Seen(NoSocket, new PauseLook(At.AddSeconds(-1), "backend", 71, At.AddSeconds(30))) },
        { "stopped for a while, with what needs it", "auth.hung", Seen([Failed("journey.signup.created", "not within 10 s", Http("/auth/signup", null, failure: ExchangeFailure.TimedOut, at: "auth")), Failed("jwt.refresh.sockets", "no socket opened before")], new PauseLook(At, "auth", 71, null)) },
        { "frozen with its container", "backend.hung", Seen(NoSocket, Service("backend") with { DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut }, new GroupLook(At, "backend", 71, "/docker/1f", GroupLook.Frozen)) },
        { "held back by its container", "backend.starved", Seen([Late("jwt.validate", 90, 50)], Group(GroupLook.Processor, share: 0.3)) },
        { "held back, where lateness alone shows it", "backend.starved", Seen([Failed("pipeline.route", "112 ms is over the limit of 100 ms") with { Measurement = new Measurement(112, 100, "ms") }], Group(GroupLook.Processor, share: 0.3), new MachineLook(At, 2, 9, 1L << 40)) },
        { "held back now and then", "backend.slow", Seen([Late("jwt.validate", 90, 50), Late("pipeline.route", 112, 100)], Group(GroupLook.Processor, share: 0.2)) },
        { "killed for want of memory", "backend.out_of_memory", Seen(NoSocket, Service("backend") with { LaterPids = [88, 89], DirectUrl = null }, Group(GroupLook.Memory, times: 1)) },
        { "without memory, by its last words", "backend.out_of_memory", Seen(NoSocket, Service("backend") with { LaterPids = [88], DiedOf = "Unhandled exception. System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown." }) },
        { "without memory at a request", "backend.out_of_memory", Logged("fail: POST /api/threads failed, trace 4bf92f3577b3 System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown.", "backend") },
        { "without memory at a request, and nearly without descriptors", "backend.too_many_open_files", [.. Logged("fail: POST /api/threads failed, trace 4bf92f3577b3 System.OutOfMemoryException: Exception of type", "backend").Where(f => !f.Evidence.OfType<ServiceLook>().Any(s => s.Service == "backend")), Looked("backend", Service("backend") with { OpenFiles = 1000 })] },
        { "ended, and said of what", "backend.ended", Seen(NoSocket, Service("backend") with { LaterPids = [88], DiedOf = "Stack overflow." }) },
        { "a machine without ports", "machine.no_port_left", Seen([Failed("sync.conflict", "Cannot assign requested address (127.0.0.1:8001)", Http("/auth/me", null, failure: ExchangeFailure.NoPort, at: "auth")), Failed("jwt.accept.header", "Unable to connect to the remote server", Socket(failure: ExchangeFailure.Reset)), Failed("jwt.refresh.sockets", "no socket opened before: Unable to connect")]) },
        { "a packet filter that refuses", "backend.port_blocked", Seen(NoSocket, Service("backend") with { DirectUrl = null, DirectFailure = ExchangeFailure.Refused, Barred = ExchangeFailure.Refused }) },
        { "a packet filter that drops what goes to the store", "store.port_blocked", Seen([Failed("startup.ready.auth", "the status of auth is degraded", Health("auth", "degraded", ("store", "degraded: No answer within 1 s.")))], Service("store") with { Barred = ExchangeFailure.TimedOut }, Health("auth", "degraded", ("store", "degraded: No answer within 1 s.")), new StoreLook(At, "127.0.0.1:6380", false, ExchangeFailure.TimedOut, "The operation was canceled.", 0)) },
        { "without threads", "backend.too_many_threads", Seen([Failed("journey.ask.uploaded", "POST /api/files answered 500 internal instead of 201", Http("/api/files", 500, "internal"))], Group(GroupLook.Threads, times: 5)) },
        { "starved", "backend.starved", Seen(NoSocket, Service("backend") with { States = ["T", "S", "T", "T"] }) },
        { "no descriptors", "backend.too_many_open_files", Seen(NoSocket, Service("backend") with { OpenFiles = 1023, DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut }) },
        { "a run for which no descriptor was left", "backend.too_many_open_files", Seen([Failed("journey.answer.ordered", "the last event is RUN_ERROR instead of RUN_FINISHED", new Comparison(At, "the last event", "RUN_FINISHED", "RUN_ERROR")) with { LoggedAs = ["run-1"] }], Service("backend") with { OpenFiles = 1023 }, new LogLook(At, "backend", ["fail: Run run-1 failed IO Error: Cannot open file \"/state/files/a.parquet\": Too many open files"]) { About = ["run-1"] }) },
        { "no descriptors, and ended of it", "backend.too_many_open_files", Seen([Failed("startup.ready.backend", "the status of backend is unhealthy instead of healthy", Http("/health/ready", 503), Health("backend", "unhealthy",
            ("database", "unhealthy: The database /state/backend.db cannot be opened: give it and its folder to the user who runs this service."), ("store", "unhealthy: Too many open files : '/state/.service_discovery'"))),
            .. NoSocket], Service("backend") with { LaterPids = [88] }, new DatabaseLook(At, "backend", "/state/backend.db", true, true, true, 1L << 40, null, null)) },
        { "keeps ending", "backend.crash_loop", Seen(NoSocket, Service("backend") with { IsAlive = false, LaterPids = [88, 89], DirectUrl = null }) },
        { "bad setting", "backend.configuration", Seen(NoSocket, Service("backend") with { IsAlive = false, LaterPids = [88], DirectUrl = null, Told = "Limits:Window is 'never': set it to a time, such as 00:00:30 or 1.00:00:00." }) },
        { "damaged", "backend.database_damaged", Seen(NoSocket, Service("backend") with { IsAlive = false, LaterPids = [88], DirectUrl = null, Told = "The database /state/backend.db is damaged, or is no database: restore it from a backup." }) },
        { "launcher stopped", "launcher.hung", Seen(NoSocket, [.. new[] { "store", "auth", "frontend" }.Select(s => Service(s) with { LauncherState = "T" }), Service("backend") with { IsAlive = false, States = [], LauncherState = "T", DirectUrl = null }]) },
        { "ended all", "signing.different_secrets", Seen(NoSocket, [.. new[] { "store", "auth", "frontend" }.Select(Ended), Ended("backend") with { Told = "backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both." }]) },
        { "store password", "store.wrong_password", Seen(NoSocket, Service("backend") with { IsAlive = false, LaterPids = [88], DirectUrl = null, Told = "The key-value store at 127.0.0.1:6380 refuses our password: write the store's into /state/secrets/store-password and restart." }) },
        { "wrong port", "discovery.wrong_port", Seen([Failed("startup.record.backend", "the record of backend is wrong", Record("backend", "process 71 does not listen on 8001", 8001))], Record("backend", "process 71 does not listen on 8001", 8001)) },
        { "no record", "discovery.missing_record", Seen([Failed("startup.ready.backend", "backend has no discovery record")], Record("backend", "there is none") with { Instance = null, Pid = null, Port = null, ApiUrl = null, WsUrl = null }) },
        { "half a record", "discovery.unreadable_record", Seen([Failed("startup.ready.backend", "backend has no discovery record")], Record("backend", "it is no record") with { Instance = null, Pid = null, Port = null, ApiUrl = null, WsUrl = null }) },
        { "old record", "discovery.stale_record", Seen([Failed("startup.record.backend", "its lease has expired", Record("backend", "its lease has expired"))], Record("backend", "its lease has expired") with { LeaseExpiresAt = At.AddHours(-1) }) },
        { "dead process", "discovery.stale_record", Seen([Failed("startup.record.backend", "its process 9 is gone", Record("backend", "its process 9 is gone", pid: 9))], Record("backend", "its process 9 is gone", pid: 9) with { IsPidAlive = false }) },
        { "localhost unknown", "machine.wrong_name", Seen(AtThePage(ExchangeFailure.Unreachable), [new NameLook(At, "localhost", [], "Name or service not known"), Misdirected(nameof(ExchangeFailure.Unreachable))]) },
        { "localhost elsewhere", "machine.wrong_name", Seen(AtThePage(ExchangeFailure.TimedOut), [new NameLook(At, "localhost", ["10.1.2.3"]), Misdirected(nameof(ExchangeFailure.TimedOut))]) },
        { "localhost elsewhere, and somebody answers there", "machine.wrong_name", Seen([.. AtThePage(ExchangeFailure.TimedOut), Failed("journey.page.served", "GET / answered 404 instead of 200", Http("/", 404, at: "frontend") with { Url = $"{Page}/", From = new Answerer("frontend", null) })], [new NameLook(At, "localhost", ["10.1.2.3"]), Misdirected("404")]) },
        { "the frontend misdirects, and the name is right", "frontend.wrong_address", Seen([Failed("startup.origin", "answered 502", Http("/api/limits", 502, at: "frontend"))], Misdirected("502"), new NameLook(At, "localhost", ["::1", "127.0.0.1"])) },
        { "other secret", "signing.different_secrets", Seen(RefusedToken, Health("backend", "unhealthy", ("signing", "unhealthy: backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both."))) },
        { "other issuer, and the page's client is refused for it", "signing.different_issuers", Seen([.. RefusedToken, Failed("journey.login.page", "POST /session answered 502 bad_gateway instead of 200", Http("/session", 502, "bad_gateway", at: "frontend") with { TraceId = "4bf92f3577b3" }) with { LoggedAs = ["4bf92f3577b3"] }], Health("backend", "unhealthy", ("signing", "unhealthy: backend accepts tokens of the issuer 'http://a', but auth issues them as 'http://b': set Auth:Issuer to the same value for both.")), new LogLook(At, "frontend", ["2026-01-01T12:00:00.000Z fail: Throughline.Frontend.Sessions.AuthRefusal[1] A step of a sign-in was refused, trace 4bf92f3577b3: auth answered 400 error:invalid_request error_description:The specified 'redirect_uri' is not valid."]) { About = ["4bf92f3577b3"] }) },
        { "other issuer", "signing.different_issuers", Seen(RefusedToken, Health("backend", "unhealthy", ("signing", "unhealthy: backend accepts tokens of the issuer 'http://a', but auth issues them as 'http://b': set Auth:Issuer to the same value for both."))) },
        { "clocks", "signing.clock_skew", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded"))], Health("backend", "degraded", ("signing", "degraded: The clocks of backend and auth are 3600 s apart and 5 s are allowed: set the clocks of both machines."))) },
        { "clock ahead", "signing.clock_skew", Seen([Failed("startup.clocks", "the clock of auth is 3600 s ahead of this machine's", new ClockLook(At, "auth", 3600))], new ClockLook(At, "auth", 3600)) },
        { "unknown key", "signing.different_keys", Seen([Failed("journey.backend.accepts", "401", Http("/api/threads", 401, "invalid_token", error: "unknown_key"))]) },
        { "stripped", "proxy.token_stripped", Seen([Failed("journey.socket.hello", "the socket closed with 4001", Socket(4001, "no token provided", host: "127.0.0.2"))], new DirectLook(At, "backend", "a socket with a token in the header", "ws://127.0.0.2:8000/ws", "ws://127.0.0.1:8000/ws", "closed with 4001", "hello")) },
        { "upgrade refused", "proxy.upgrade_refused", Seen([Failed("journey.socket.hello", "HTTP 403", Socket(http: 403, host: "127.0.0.2"))], new DirectLook(At, "backend", "a socket with a token in the header", "ws://127.0.0.2:8000/ws", "ws://127.0.0.1:8000/ws", "HTTP 403", "hello")) },
        { "mixes users", "proxy.mixes_users", Seen([Failed("isolation.rest.thread", "answered 200 instead of 404", Http("/api/threads/1", 200))], new DirectLook(At, "backend", "GET /api/me by two users", "http://127.0.0.2:8000/", "http://127.0.0.1:8000/", "own another's", "own own")) },
        { "front slow", "proxy.slow", Seen([Late("pipeline.first_event", 1400, 1000)], new DirectLook(At, "backend", "a socket with a token in the header", "ws://127.0.0.2:8000/ws", "ws://127.0.0.1:8000/ws", "hello, 900 ms later", "hello")) },
        { "front far away", "proxy.slow", Seen([Failed("journey.login.time", "not within 3 s", Http("/auth/login", null, at: "auth", failure: ExchangeFailure.TimedOut))], new DirectLook(At, "auth", "GET /.well-known/jwks", "http://127.0.0.2:8001/", "http://127.0.0.1:8001/", "200 {}, 1200 ms later", "200 {}")) },
        { "front loses events", "proxy.changes_events", Seen([Failed("journey.answer.ordered", "the sequence of events is 1 2 4 instead of 1 2 3", new Comparison(At, Asking.SequenceNumbers, "1 2 3", "1 2 4"))], new DirectLook(At, "backend", "a question, and the events of its answer", "ws://127.0.0.2:8000/ws", "ws://127.0.0.1:8000/ws", "1 of 30 events did not come", "as they are kept")) },
        { "front strips requests", "proxy.token_stripped", Seen([Failed("journey.backend.accepts", "GET /api/threads answered 401 no_token instead of 200", Http("/api/threads", 401, "no_token"))], new DirectLook(At, "backend", "GET /api/me by two users", "http://127.0.0.2:8000/", "http://127.0.0.1:8000/", "401 no_token 401 no_token", "own own"), new DirectLook(At, "backend", "GET /api/threads", "http://127.0.0.2:8000/", "http://127.0.0.1:8000/", "401 no_token", "200")) },
        { "front cuts some", "proxy.connection_cut", Seen([Failed("journey.backend.accepts", "the connection broke", Http("/api/threads", null, failure: ExchangeFailure.Reset))], new DirectLook(At, "backend", "connections one after the other", "http://127.0.0.2:8000/", "http://127.0.0.1:8000/", "14 of 20 answered", "20 of 20 answered")) },
        { "front fails at one path", "proxy.answers_otherwise", Seen([Failed("journey.login.tokens", "POST /connect/token answered 500 instead of 200", Http("/connect/token", 500, at: "auth"))], new DirectLook(At, "auth", "POST /connect/token", "http://127.0.0.2:8001/", "http://127.0.0.1:8001/", "500", "400 invalid_request")) },
        { "absence told", "proxy.answers_otherwise", Seen([Failed("isolation.absent", "answered 410 instead of 404", Http("/api/threads/1", 410))], new DirectLook(At, "backend", "GET of a thread that nobody has", "http://127.0.0.2:8000/", "http://127.0.0.1:8000/", "410 not_found", "404 not_found")) },
        { "no right to write events", "backend.database_fails", Seen([Failed("journey.answer.ordered", "not within 16 s: the end of run 01a22abb did not come; the last frame was ack; by the log of its thread it stands at event 0", Socket()) with { LoggedAs = ["01a22abb"] }, Failed("isolation.control", "the question was refused with unavailable", Socket() with { Errors = ["unavailable"] })], new LogLook(At, "backend", ["2026-01-01T12:00:00.000Z warn: Throughline.Backend.Runs.RunExecutor[4] Run 01a22abb could not be written and is taken up again: The append failed: 42501: permission denied for table events"]) { About = ["01a22abb"] }) },
        { "statements time out, and sometimes not", "database.database_fails", Seen([.. new[] { "auth", "backend" }.Select(s => Failed($"startup.ready.{s}", $"the status of {s} is unhealthy instead of healthy", Http("/health/ready", 503, at: s), Health(s, "unhealthy", ("database", "unhealthy: 57014: canceling statement due to statement timeout"))))], [.. new[] { "auth", "backend" }.Select(s => new DatabaseLook(At, s, $"/state/{s}.db", false, null, false, 1L << 40, null, null))]) },
        { "the good token beside a bad one expired", "signing.tokens_expire_at_once", Seen([Failed("jwt.reject.unknown_key", "GET /api/threads answered 401 invalid_token instead of 200", Http("/api/threads", 401, "invalid_token", error: "expired") with { IsControl = true }, Http("/api/threads", 401, "invalid_token", error: "unknown_key"))]) },
        { "store slow", "store.slow", Seen([Late("isolation.rest.change", 1282, 1000)], new StoreLook(At, "127.0.0.1:6380", true, null, null, 610)) },
        { "store slow, and nothing is late for it", "frontend.client_refused", Seen([Failed("journey.login.page", "POST /session answered 502 bad_gateway instead of 200", Http("/session", 502, "bad_gateway", at: "frontend") with { TraceId = "4bf92f3577b3" }) with { LoggedAs = ["4bf92f3577b3"] }], new StoreLook(At, "127.0.0.1:6380", true, null, null, 610), new LogLook(At, "frontend", ["2026-01-01T12:00:00.000Z fail: Throughline.Frontend.Sessions.AuthRefusal[1] A step of a sign-in was refused, trace 4bf92f3577b3: auth answered 400 error:invalid_request error_description:The specified 'client_id' is invalid."]) { About = ["4bf92f3577b3"] }) },
        { "store elsewhere", "backend.wrong_store_address", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "degraded", ("store", "degraded: The key-value store at 127.0.0.1:9 does not answer: start it."))) },
        { "store away", "store.unreachable", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "degraded", ("store", "degraded: The key-value store at 127.0.0.1:6380 does not answer: start it.")), new StoreLook(At, "127.0.0.1:6380", false, ExchangeFailure.Refused, "Connection refused", 1)) },
        { "locked", "backend.database_locked", Seen([Failed("journey.ask.uploaded", "503", Http("/api/files", 503, "unavailable"))], new DatabaseLook(At, "backend", "/state/backend.db", true, true, true, 1L << 40, 4711, "process 4711 (sqlite3)")) },
        { "disk full, and our store is silent for it", "auth.disk_full", Seen([Failed("journey.signup.created", "POST /auth/signup answered 500 internal instead of 201", Http("/auth/signup", 500, "internal", at: "auth"))], new DatabaseLook(At, "auth", "/state/auth.db", true, true, true, 0, null, null), Health("auth", "degraded", ("store", "degraded: The key-value store at 127.0.0.1:6380 does not answer: start it.")), new StoreLook(At, "127.0.0.1:6380", false, ExchangeFailure.Reset, "it closed the connection", 125)) },
        { "disk full", "backend.disk_full", Seen([Failed("journey.ask.uploaded", "500", Http("/api/files", 500))], new DatabaseLook(At, "backend", "/state/backend.db", true, true, true, 1000, null, null)) },
        { "feed lost", "backend.sync_stopped", Seen([Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404))], Health("backend", "degraded", ("auth-feed", "degraded: New users and revocations have not arrived since 12:00:00 UTC."), ("signing", "healthy"))) },
        { "feed slow", "backend.sync_slow", Seen([Late("sync.create.time", 700, 200), Late("sync.update.time", 700, 300)]) },
        { "feed very slow", "backend.sync_slow", Seen([Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 200)), Failed("sync.update.ordered", "the name is Name 15", new Comparison(At, "the name in the backend", "Name 99", "Name 15"))]) },
        { "copy altered", "backend.copy_diverges", Seen([Failed("sync.reconcile.zero", "1 of 40 users diverge", new Comparison(At, "the divergences", "0", "1 among 40 users"))]) },
        { "bad value later", "backend.configuration", Seen([Composed("backend", "Limits:Window is 'never': set it to a time, such as 00:00:30 or 1.00:00:00.")]) },
        { "open later", "auth.not_private", Seen([Composed("auth", "/state/settings/auth.json may hold secrets, and others may read it (mode 644): run chmod 600 '/state/settings/auth.json'.")]) },
        { "secret gone later", "state.missing_secret", Seen([.. new[] { "auth", "frontend" }.Select(s => Composed(s, "The secret /state/secrets/client-frontend is missing; restore it, or start with a new state folder."))]) },
        { "not whole", "auth.incomplete", Seen([Composed("auth", "Unable to resolve service for type 'IClock' while attempting to activate 'AuditLog'.")]) },
        { "other master key", "auth.other_master_key", Seen([Failed("persistence.restart.auth", "auth did not come back", new ProcessLook(At, "auth", 71, false))], Service("auth") with { IsAlive = false, LaterPids = [88], DirectUrl = null, Told = "/state/keys/auth.key is not the master key that this state's database was written with: restore the file that belongs to it." }) },
        { "limiter off", "backend.limiter_off", Seen([Failed("limits.messages.burst", "20 instead of 5", new Comparison(At, "the messages that were let through", "5", "20"))]) },
        { "limiter strict", "auth.limiter_too_strict", Seen([Failed("journey.signup.created", "POST /auth/signup answered 429 instead of 201", Http("/auth/signup", 429, at: "auth"))]) },
        { "more quota", "backend.limiter_off", Seen([Failed("limits.messages.burst", "20 instead of 5", Http("/connect/token", 200, at: "auth"), new Comparison(At, "the messages that were let through", "5", "20")), Failed("limits.messages.early", "49 instead of 50", new Comparison(At, "the messages that were let through", "50", "49"))]) },
        { "few sockets a minute", "backend.limiter_too_strict", Seen([Failed("journey.socket.hello", "HTTP 429", Socket(http: 429)), Failed("jwt.reject.malformed", "the connection broke before hello", Socket(http: 429) with { IsControl = true }, Http("/api/me", 401, "invalid_token"))]) },
        { "full", "backend.overloaded", Seen([Failed("journey.answer.exact", "GET /api/facts answered 503 unavailable instead of 200", Http("/api/facts", 503, "unavailable") with { Body = """{"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"}""" }), Failed("pipeline.cancel", "the question was refused with unavailable"), Failed("limits.messages.burst", "2 instead of 5", new Comparison(At, "the messages that were let through", "5", "2"))]) },
        { "full of runs", "backend.overloaded", Seen([Failed("pipeline.cancel", "the question was refused with unavailable"), Failed("limits.messages.free", "2 instead of 5", new Comparison(At, "the messages that were let through", "5", "2"))]) },
        { "auth not found", "discovery.wrong_port", Seen([Failed("startup.record.auth", "the record of auth is wrong", Record("auth", "nobody listens", 1)), Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("sync.conflict", "503", Http("/api/me", 503, "unavailable")), Failed("limits.messages.tier", "not within 10 s"), Failed("limits.messages.early", "5 instead of 50", new Comparison(At, "the messages that were let through", "50", "5"))], Record("auth", "nobody listens", 1), Health("backend", "degraded", ("auth-feed", "degraded: New users have not arrived."), ("signing", "healthy"))) },
        { "tab closed", "backend.too_few_sockets", Seen([Failed("isolation.tabs.same", "the socket closed with 4008", Socket(4008, "too many"))]) },
        { "capacity", "backend.at_capacity", Seen([Failed("journey.socket.hello", "HTTP 503", Socket(http: 503))]) },
        { "agent", "backend.agent_fails", Seen([Failed("journey.answer.exact", "the run's status is partial instead of completed", new Comparison(At, "the run's status", "completed", "partial"))]) },
        { "green but broken", "backend.healthy_but_broken", Seen([Failed("journey.backend.accepts", "GET /api/threads answered 500 instead of 200", Http("/api/threads", 500, "internal"))]) },
        { "table gone, by the log", "auth.database_unmigrated", Logged("2026-01-01T12:00:00.000Z fail: Throughline.ServiceDefaults.ProblemExceptionHandler[1] POST /auth/signup failed, trace 4bf92f3577b3 Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred. ---> Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 1: 'no such table: AspNetUsers'.") },
        { "table gone in PostgreSQL, by the log", "auth.database_unmigrated", Logged("2026-01-01T12:00:00.000Z fail: Throughline.ServiceDefaults.ProblemExceptionHandler[1] POST /auth/signup failed, trace 4bf92f3577b3 Npgsql.PostgresException (0x80004005): 42P01: relation \"AspNetUsers\" does not exist") },
        { "refused write, by the log", "auth.database_fails", Logged("2026-01-01T12:00:00.000Z fail: Throughline.ServiceDefaults.ProblemExceptionHandler[1] POST /auth/signup failed, trace 4bf92f3577b3 Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 19: 'no room'.") },
        { "a library is gone, by the log", "auth.incomplete", Logged("2026-01-01T12:00:00.000Z fail: Throughline.ServiceDefaults.ProblemExceptionHandler[1] POST /auth/signup failed, trace 4bf92f3577b3 System.DllNotFoundException: Unable to load shared library 'libsodium' or one of its dependencies.") },
        { "the page's client is refused, by the log", "frontend.client_refused", Logged("2026-01-01T12:00:00.000Z fail: Throughline.Frontend.Sessions.AuthRefusal[1] A step of a sign-in was refused, trace 4bf92f3577b3: auth answered 400 error:invalid_request error_description:The specified 'client_id' is invalid.", "frontend", "journey.login.page") },
        { "uploads are gone, by the log", "auth.files_gone", Logged("2026-01-01T12:00:00.000Z warn: Throughline.Backend.Runs.RunExecutor[4] Run 4bf92f3577b3 failed System.IO.FileNotFoundException: The imported rows of a file are gone. File name: 'x'") },
        { "another audience is let in, on a busy machine", "backend.lets_in_who_must_be_refused", Seen([Failed("jwt.reject.audience", ProbeSocket.Greeted, Socket() with { Sent = "another audience" })], Busy) },
        { "a ticket opens twice, on a busy machine", "backend.lets_in_who_must_be_refused", Seen([Failed("jwt.ticket.once", ProbeSocket.Greeted, Socket(carrier: "ticket"))], Busy) },
        { "another audience is let in, and the store answered late once", "backend.lets_in_who_must_be_refused", Seen([Failed("jwt.reject.audience", ProbeSocket.Greeted, Socket() with { Sent = "another audience" })], Health("backend", "healthy", ("store", "healthy")) with { LatencyMs = new Dictionary<string, double> { ["store"] = 670 } }) },
        { "sessions that were signed out go on", "backend.lets_in_who_must_be_refused", Seen([Held("journey.profile.synced"), Failed("journey.logout.http", "GET /api/threads answered 200 instead of 401", Http("/api/threads", 200)), Failed("jwt.reject.revoked_session", $"not within 5 s: {SystemUnderTest.StillTaken}", Http("/api/threads", 200)), Failed("sync.erase.gone", "GET /api/threads/1 answered 404 not_found instead of 401", Http("/api/threads/1", 404, "not_found"))]) },
        { "sockets of sessions that were signed out stay", "backend.lets_in_who_must_be_refused", Seen([Held("journey.profile.synced"), Failed("journey.logout.socket", $"not within 2 s: {ProbeSocket.StayedOpen}", Socket()), Failed("jwt.refresh.sockets", $"not within 2 s: {ProbeSocket.StayedOpen}", Socket())]) },
        { "a socket outlives its token, on a busy machine", "backend.lets_in_who_must_be_refused", Seen([Failed("jwt.expiry.closed", $"not within 12 s: {ProbeSocket.StayedOpen}", Socket())], Busy) },
        { "a used refresh token is taken again", "auth.lets_in_who_must_be_refused", Seen([Held("journey.profile.synced"), Failed("jwt.refresh.sockets", $"not within 2 s: {ProbeSocket.StayedOpen}", Socket()), Failed("jwt.refresh.family", "POST /connect/token answered 200 instead of 400 invalid_grant", Http("/connect/token", 200, at: "auth"))]) },
        { "a used refresh token is taken again, and only tokens were looked at", "auth.lets_in_who_must_be_refused", Seen([Held("jwt.reject.revoked_session"), Failed("jwt.refresh.sockets", $"not within 2 s: {ProbeSocket.StayedOpen}", Socket()), Failed("jwt.refresh.family", "POST /connect/token answered 200 instead of 400 invalid_grant", Http("/connect/token", 200, at: "auth"))]) },
        { "another's thread is shown", "backend.mixes_users", Seen([Failed("isolation.rest.thread", "GET /api/threads/world answered 200 instead of 404 not_found", Http("/api/threads/world", 200)), Failed("isolation.markers", SeparatingUsers.Leak + "/api/threads shows the stranger the owner's marker", Http("/api/threads", 200))]) },
        { "another's run is cancelled", "backend.mixes_users", Seen([Failed("isolation.socket.cancel", "the answer to the stranger is ack instead of not_found", Socket(), new Comparison(At, SeparatingUsers.AnswerToStranger, "not_found", "ack"))]) },
        { "who is shut out is not so in the copy", "backend.copy_diverges", Seen([Held("journey.profile.synced"), Failed("sync.disable", "not within 10 s", Http("/internal/users/1", 200)), Failed("sync.reconcile.zero", "1 of 110 users diverge; the first: user 1 is different: Version 2 on both sides, with another status", new Comparison(At, "the divergences", "0", "1 among 110 users"))]) },
        { "auth's feed tells nothing, and revocations come another way", "backend.sync_stopped", Seen([Held("jwt.reject.revoked_session"), Failed("journey.profile.synced", "GET /api/me answered 503 unavailable instead of 200", Http("/api/me", 503, "unavailable")), Failed("sync.update.time", "not within 5 s: version 2 did not come; the last one was none", Http("/internal/users/1", 404)), Late("jwt.accept.header", 2010, 2000), Failed("limits.messages.tier", "not within 10 s", Http("/api/limits", 200)), Failed("limits.messages.mid", $"it could not be prepared: the tier mid{Asker.TierDidNotArrive} within 10 s") with { Verdict = Verdict.Blocked }]) },
        { "tiers are left behind", "backend.copy_diverges", Seen([Held("journey.profile.synced"), Failed("limits.messages.early", "5 instead of 50", new Comparison(At, "the messages that were let through", "50", "5")), Failed("limits.messages.tier", "not within 10 s", Http("/api/limits", 200)), Failed("limits.messages.mid", $"it could not be prepared: the tier mid{Asker.TierDidNotArrive} within 10 s") with { Verdict = Verdict.Blocked }]) },
        { "tokens lack a claim", "signing.different_claims", Seen([Failed("journey.backend.accepts", "GET /api/threads answered 401 invalid_token instead of 200", Http("/api/threads", 401, "invalid_token", error: "invalid_claims")), Failed("journey.socket.hello", "the socket closed with 4002 (invalid token: invalid_claims) before hello", Socket(4002, "invalid token: invalid_claims"))]) },
        { "the figures are others", "backend.wrong_figures", Seen([Failed("journey.answer.exact", "the total cost is 4.92 by an independent calculation; the answer has 4.97", new Comparison(At, "the total cost", "4.92", "4.97"))]) },
        { "nothing that changes of a user arrives", "backend.copy_diverges", Seen([Held("journey.profile.synced"), Failed("sync.update.time", "not within 5 s: version 2 did not come; the last one was 1", Http("/internal/users/1", 200)), Failed("sync.disable", "not within 10 s", Http("/internal/users/1", 200)), Failed("limits.messages.tier", "not within 10 s", Http("/api/limits", 200)), Failed("limits.messages.mid", $"it could not be prepared: the tier mid{Asker.TierDidNotArrive} within 10 s") with { Verdict = Verdict.Blocked }]) },
        { "files are taken and gone", "backend.forgets", Seen([Failed("journey.ask.acknowledged", "the question was refused with not_found", Socket()), Failed("isolation.rest.file", "GET /api/files/1 answered 404 not_found instead of 200", Http("/api/files/1", 404, "not_found") with { IsControl = true }), Failed("pipeline.cancel", "run.cancel was answered with not_found", Http("/api/limits", 200))], Busy) },
        { "refresh tokens are given and not known", "auth.forgets", Seen([Failed("jwt.mint", "POST /connect/token answered 400 invalid_grant instead of 200", Http("/connect/token", 400, "invalid_grant", at: "auth")), Failed("journey.login.page", "POST /session/refresh answered 401 session_ended instead of 200", Http("/session/refresh", 401, "session_ended", at: "frontend"))]) },
        { "accounts are made and not known", "auth.forgets", Seen([Failed("journey.login.accepted", "POST /auth/login answered 401 invalid_credentials instead of 204", Http("/auth/login", 401, "invalid_credentials", at: "auth")), Failed("limits.login.account", "POST /auth/login answered 401 invalid_credentials instead of 204", Http("/auth/login", 401, "invalid_credentials", at: "auth"))]) },
        { "events are lost, and their ends with them", "backend.loses_events", Seen([Failed("journey.answer.ordered", "the sequence of events is without 7, 14 instead of 1 to 14", new Comparison(At, Asking.SequenceNumbers, "1 to 14", SequenceGap.Of(0, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15]).ToString())), Failed("isolation.tabs.same", "not within 11 s: the end of run 1 did not come; the last frame was none", Socket())], Busy) },
        { "events are not in the log", "backend.loses_events", Seen([Failed("pipeline.stamped", $"not within 30 s: the end of run 1 did not come; the last frame was ack; {WrittenLog.LogIs}without 5, 12", Socket(), new Comparison(At, Asking.SequenceNumbers, "1 to 34", SequenceGap.Of(0, [1, 2, 3, 4, 6], 34).ToString())), Failed("isolation.control", "the owner does not find its marker in /api/threads/world/messages", Http("/api/threads/world/messages", 200))], Busy) },
        { "mail cannot be kept", "auth.mail_fails", Seen([Failed("journey.signup.mail", "auth says of its mail: Mail cannot be kept since 12:00:00 UTC, and is lost: Access is denied.", Health("auth", "degraded", ("mail", "degraded: Mail cannot be kept.")))]) },
        { "a part of the page is gone", "frontend.page_incomplete", Seen([Failed("journey.page.served", "GET /_framework/Markdig.wasm answered 404 instead of 200", Http("/_framework/Markdig.wasm", 404))]) },
        { "events come twice", "backend.repeats_events", Seen([Failed("journey.answer.ordered", "the sequence of events is twice 2 instead of 1 to 3", new Comparison(At, Asking.SequenceNumbers, "1 to 3", SequenceGap.Of(0, [1, 2, 2]).ToString()))]) },
        { "events come out of order", "backend.repeats_events", Seen([Failed("journey.answer.ordered", "the sequence of events is out of order instead of 1 to 3", new Comparison(At, Asking.SequenceNumbers, "1 to 3", SequenceGap.Of(0, [1, 3, 2]).ToString()))]) },
        { "a run in flight is not taken up, on a busy machine", "backend.loses_runs", Seen([Failed("persistence.run.in_flight", $"not within 30 s: {Flight.NotTakenUp}", Http("/api/threads", 200))], Busy) },
        { "new accounts are administrators, on a busy machine", "auth.grants_too_much", Seen([Failed("journey.signup.plain", $"{JourneyCheck.NewRole} is admin instead of user", Http("/auth/me", 200, at: "auth"), new Comparison(At, JourneyCheck.NewRole, "user", "admin"))], Busy) },
        { "new accounts have the largest quota", "auth.grants_too_much", Seen([Failed("limits.messages.free", $"{JourneyCheck.NewTier} is enterprise instead of free", new Comparison(At, JourneyCheck.NewTier, "free", "enterprise")), Failed("limits.messages.burst", "20 instead of 5", new Comparison(At, "the messages that were let through", "5", "20")), Failed("limits.http.refused", "POST /api/agui answered 200 instead of 429 rate_limited", Http("/api/agui", 200))]) },
        { "a socket is renewed by another session", "backend.lets_in_who_must_be_refused", Seen([Failed("jwt.refresh.foreign", $"not within 3 s: {ProbeSocket.StayedOpen}", Socket())]) },
        { "events of who was deleted stay", "backend.keeps_what_was_deleted", Seen([Failed("sync.erase.overwritten", $"{SyncingUsers.FilesWithDeleted} is backend.db, backend.db-wal instead of none", new Comparison(At, SyncingUsers.FilesWithDeleted, "none", "backend.db, backend.db-wal"))]) },
        { "the e-mail of who was deleted stays", "auth.keeps_what_was_deleted", Seen([Failed("sync.erase.overwritten", $"{SyncingUsers.FilesWithDeleted} is auth.db instead of none", new Comparison(At, SyncingUsers.FilesWithDeleted, "none", "auth.db"))]) },
        { "what is back is not called again", "backend.does_not_try_again", Seen([Failed("recovery.breaker.half_open", "not within 25 s: the breaker 'store'" + BreakerWatch.NeverHalfOpen, new Comparison(At, "the states of the breaker 'store'", "half_open", "closed → open")), Failed("recovery.breaker.one_probe", "not within 25 s", Http("/api/ws-tickets", 429)), Failed("recovery.usable", "not within 25 s", Http("/api/ws-tickets", 503, "unavailable"))]) },
        { "what was killed stays away, on a busy machine", "launcher.does_not_restart", Seen([Failed("recovery.restart.discovery", $"not within 25 s: store{Killing.DidNotComeBack}", Http("/api/threads", 200))], Busy) },
        { "a close that was due, and files that stay", "backend.unknown(sync.erase.gone)", Seen([Failed("sync.erase.gone", "the user's files are still there", Socket(4004, "session revoked"))]) },
        { "a breaker that never opens, on a busy machine", "backend.unknown(recovery.breaker.opens)", Seen([Failed("recovery.breaker.opens", "not within 25 s: the breaker 'store' was never seen open; seen: closed", Http("/api/breakers", 200))], Busy) },
        { "people are told of nothing, on a busy machine", "backend.unknown(recovery.notice.degraded)", Seen([Failed("recovery.notice.degraded", "not within 5 s: a degraded frame did not come; the last frame was hello", Socket()), Failed("recovery.notice.recovered", "not within 25 s: a recovered frame did not come; the last frame was hello", Socket())], Busy) },
        { "a run completes that should not", "backend.unknown(pipeline.degraded)", Seen([Failed("pipeline.degraded", "the run's status is completed instead of partial", Http("/api/files", 201), new Comparison(At, "the run's status", "partial", "completed"))]) },
        { "busy machine", "machine.busy", Seen([Late("jwt.validate", 400, 50)], new MachineLook(At, 2, 30, 1L << 40)) },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void The_evidence_names_the_cause(string what, string cause, IReadOnlyList<Finding> findings)
    {
        var causes = new RuleDiagnosis().Explain(Graph, findings);
        Assert.Equal((what, cause), (what, causes[0].Id));
        Assert.Single(causes);
        Assert.NotEmpty(causes[0].Chain);
        Assert.All(causes[0].Chain, arrow => Assert.True(findings.Any(f => f.Id == arrow.Probe && arrow.Evidence < f.Evidence.Count), $"{arrow.From} → {arrow.To} stands on nothing"));
        Assert.NotEmpty(causes[0].Fix.Text);
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Frightening_log_lines_change_nothing(string what, string cause, IReadOnlyList<Finding> findings)
    {
        Assert.Equal((what, cause), (what, new RuleDiagnosis().Explain(Graph, Scared(findings))[0].Id));
    }

    [Fact]
    public void Three_causes_at_once_are_three()
    {
        var record = Record("backend", "it names port 8001, but the address ws://127.0.0.2:8000/ws", 8001) with { WsUrl = "ws://127.0.0.2:8000/ws", Answering = new Answerer("auth", Auth) };
        IReadOnlyList<Finding> failed =
        [
            Failed("startup.record.backend", "the record of backend is wrong", record), .. RefusedToken,
            Failed("journey.socket.hello", "the socket closed with 4001 (no token provided) before hello", Socket(4001, "no token provided", host: "127.0.0.2")),
        ];
        var causes = new RuleDiagnosis().Explain(Graph, Seen(
            failed, record, Health("backend", "unhealthy", ("signing", "unhealthy: backend and auth hold different secrets: set JWT_SECRET_KEY to the same value for both.")),
            new DirectLook(At, "backend", "a socket with a token in the header", "ws://127.0.0.2:8000/ws", "ws://127.0.0.1:8000/ws", "closed with 4001", "closed with 4002")));
        Assert.Equal(["discovery.wrong_port", "proxy.token_stripped", "signing.different_secrets"], causes.Select(c => c.Id).Order());
    }

    [Fact]
    public void What_no_rule_explains_is_unknown_and_says_so()
    {
        var causes = new RuleDiagnosis().Explain(Graph, Seen([Failed("pipeline.agents", "all agents ran", new Comparison(At, "the agents", "2", "5"))]));
        Assert.Equal(Cause.Unknown, Assert.Single(causes).Fault);
    }

    [Theory]
    [InlineData(-30, -10)] // over before anything failed
    [InlineData(5, 30)] // after it
    [InlineData(0.2, 0.7)] // too short to be noticed
    public void A_process_that_was_stopped_at_another_time_is_not_the_cause(double began, double ended)
    {
        var pause = new PauseLook(At.AddSeconds(began), "backend", 71, At.AddSeconds(ended));
        Assert.All(new RuleDiagnosis().Explain(Graph, Seen(NoSocket, pause)), cause => Assert.Equal(Cause.Unknown, cause.Fault));
    }

    [Fact]
    public void A_kill_in_the_group_of_a_service_that_lives_is_not_the_cause() =>
        Assert.All(new RuleDiagnosis().Explain(Graph, Seen(NoSocket, Group(GroupLook.Memory, times: 1))), cause => Assert.Equal(Cause.Unknown, cause.Fault));

    [Fact]
    public void A_service_that_is_held_back_is_not_the_cause_of_what_is_wrong() =>
        Assert.All(
            new RuleDiagnosis().Explain(Graph, Seen([Failed("pipeline.agents", "all agents ran is 2 instead of 5", Http("/api/threads", 200), new Comparison(At, "the agents", "2", "5"))], Group(GroupLook.Processor, share: 0.9))),
            cause => Assert.Equal(Cause.Unknown, cause.Fault));

    [Fact]
    public void A_store_that_the_checks_stopped_is_not_the_cause()
    {
        IReadOnlyList<Finding> failed = [Failed("recovery.store.hangs", "not within 10 s", Http("/api/threads", null, failure: ExchangeFailure.TimedOut))];
        Assert.All(new RuleDiagnosis().Explain(Graph, Seen(failed, new PauseLook(At, "store", 71, At.AddSeconds(10)))), cause => Assert.Equal(Cause.Unknown, cause.Fault));
    }

    [Fact]
    public void Nothing_failed_nothing_is_named() => Assert.Empty(new RuleDiagnosis().Explain(Graph, Seen([])));
}
