using System.Text;
using Throughline.Verify.Looks;
using static Throughline.Verify.Tests.Diagnosis.Scenes;

namespace Throughline.Verify.Tests.Diagnosis;

/// <summary>
/// The whole explanation of every scene, word for word: sentences, chains and remedies are what somebody reads at night. Approved.txt is
/// what was read and found right; a change of the rules shows there as a difference.
/// </summary>
public sealed class ApprovedExplanations
{
    private static readonly ProofGraph Graph = GraphFile.BuiltIn();
    private static readonly Finding Refused = Failed("journey.backend.accepts", "GET /api/threads: the connection was refused", Http("/api/threads", null, failure: ExchangeFailure.Refused));
    private static readonly Finding NoHello = Failed("journey.socket.hello", "the socket did not open", Socket(failure: ExchangeFailure.Reset, host: "127.0.0.2"));

    /// <summary>What several causes explain, or none does, and what must not be taken for another.</summary>
    private static readonly IReadOnlyList<(string What, IReadOnlyList<Finding> Findings)> Mixed =
    [
        ("a front that cuts the socket", Seen([NoHello], Front(FrontLook.Socket, "Reset", "hello") with { Holder = "haproxy (71)" })),
        ("a front that cuts the socket after a while", Seen([Failed("pipeline.trace", "the connection broke before the end of run 7", Socket(failure: ExchangeFailure.Reset, host: "127.0.0.2")), Failed("limits.messages.early", "the connection broke before an answer to 8", Socket(failure: ExchangeFailure.Reset, host: "127.0.0.2") with { Errors = ["rate_limited"] })], Front(FrontLook.Lasting, "it breaks", "it stays"))),
        ("sockets break, and nothing stands in front", Seen([Failed("limits.messages.early", "the connection broke before an answer to 8", Socket(failure: ExchangeFailure.Reset) with { Errors = ["rate_limited"] }), Failed("limits.messages.mid", "the socket took no frame: aborted", Socket(failure: ExchangeFailure.Reset) with { Errors = ["rate_limited"] })])),
        ("the backend looks for auth elsewhere", Seen(
            [Failed("startup.keys.agree", "the backend does not agree with auth"), Failed("startup.ready.backend", "degraded", Health("backend", "degraded")), Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("jwt.validate", "GET /api/me answered 503 unavailable instead of 200", Http("/api/me", 503, "unavailable"))],
            Health("backend", "degraded", ("signing", "unhealthy: http://127.0.0.1:9 (Services:auth) does not answer: start auth, or set Services:auth to its address."), ("auth-feed", "degraded: not since 12:00")))),
        ("the backend looks for auth where it is, and auth does not answer there", Seen(
            [Failed("startup.keys.agree", "the backend does not agree with auth")], Health("backend", "degraded", ("signing", "unhealthy: http://127.0.0.1:8001 (Services:auth) does not answer: start auth, or set Services:auth to its address.")))),
        ("a front that stalls the socket", Seen([NoHello], Front(FrontLook.Socket, "TimedOut", "hello"))),
        ("a front that garbles the socket", Seen([NoHello, Failed("journey.ask.acknowledged", "the socket sent 3 bytes that are no frame")], Front(FrontLook.Socket, "Protocol", "hello"))),
        ("a front that changes the origin", Seen([Failed("jwt.reject.origin", "HTTP 403", Socket(http: 403, host: "127.0.0.2")), Failed("journey.page.socket", "HTTP 403", Socket(http: 403, host: "127.0.0.2"))], Front(FrontLook.PageSocket, "HTTP 403", "hello"))),
        ("the page's socket fails as every socket does", Seen([NoHello], Front(FrontLook.Socket, "Reset", "hello"), Front(FrontLook.PageSocket, "HTTP 403", "hello"))),
        ("the page's socket fails otherwise", Seen([NoHello], Front(FrontLook.PageSocket, "Reset", "hello"))),
        ("a front that hides limits", Seen([Failed("limits.http.refused", "200 instead of 429", Http("/api/agui", 200))], Front(FrontLook.SixQuestions, "200", "429"))),
        ("a front that takes the token out, of questions as well", Seen(
            [Failed("journey.backend.accepts", "GET /api/threads answered 401 no_token instead of 200", Http("/api/threads", 401, "no_token")), Failed("limits.http.refused", "POST /api/agui answered 401 no_token instead of 200", Http("/api/agui", 401, "no_token"))],
            Front("GET /api/threads", "401 no_token", "200"), Front(FrontLook.SixQuestions, "401", "429, more than 30 s to wait"))),
        ("a front of auth that takes the token out, so that no tier arrives", Seen(
            [Failed("limits.messages.tier", "GET /auth/admin/users/1 answered 401 no_token instead of 200", Http("/auth/admin/users/1", 401, "no_token", at: "auth")), Failed("limits.messages.early", "5 instead of 50", new Comparison(At, "the messages that were let through", "50", "5"))],
            Front("GET /auth/me with a token", "401 no_token", "200", "auth"), Health("backend", "degraded", ("auth-feed", "degraded: not since 12:00")))),
        ("a front that fails, and the public origin passes it on", Seen(
            [Failed("journey.backend.accepts", "GET /api/threads answered 500 instead of 200", Http("/api/threads", 500)), Failed("startup.origin", "GET /api/limits answered 500 instead of 401", Http("/api/limits", 500))],
            Front("GET /api/limits", "500", "401 no_token"), new DirectLook(At, "frontend", "GET /api/limits of backend", "http://localhost:3000/", "http://127.0.0.1:8000/", "500", "401"))),
        ("a front that hands out other keys", Seen([Failed("journey.token.verifies", "no key of auth's fits"), Failed("journey.backend.accepts", "401", Http("/api/threads", 401, "invalid_token", error: "unknown_key"))], Front(FrontLook.Keys, "200 {a}", "200 {b}", "auth"))),
        ("a front that strips some and fails at others", Seen([Failed("journey.socket.hello", "the socket closed with 4001", Socket(4001, "no token provided", host: "127.0.0.2")), Failed("journey.backend.accepts", "500", Http("/api/threads", 500))], Front(FrontLook.Socket, "closed with 4001", "hello"), Front("GET /api/threads", "500", "200"))),
        ("fronts of two services", Seen([Failed("journey.login.tokens", "500", Http("/connect/token", 500, at: "auth")), NoHello], Front("POST /connect/token", "500", "400", "auth"), Front(FrontLook.Socket, "Reset", "hello"))),
        ("nobody stands in front where nobody listens", Seen([Refused], Front("GET /api/threads", "Refused", "200"))),
        ("what a wrong record leads to is no front", Seen([Failed("startup.record.backend", "wrong", Record("backend", "wrong", 8001)), Refused], Record("backend", "process 71 does not listen on 8001", 8001), Front("GET /api/threads", "404", "200"))),
        ("a socket's front beside a wrong record", Seen([Failed("startup.record.backend", "wrong", Record("backend", "wrong", 8001)), NoHello], Record("backend", "process 71 does not listen on 8001", 8001), Front(FrontLook.Socket, "Reset", "hello"))),
        ("all answer alike", Seen([Failed("journey.backend.accepts", "500", Http("/api/threads", 500) with { TraceId = "4bf92f" })], Front("GET /api/threads", "500", "500"))),
        ("the origin forwards elsewhere", Seen([Failed("startup.origin", "502", Http("/api/me", 502, at: "frontend")), Failed("startup.port.clients", "502")], Front("the health of backend", "502", "healthy", "frontend"))),
        ("the origin of a service that is gone", Seen([Failed("startup.origin", "502", Http("/api/me", 502, at: "frontend"))], Front("the health of backend", "502", "healthy", "frontend"), Service("backend") with { DirectUrl = null })),
        ("the origin of a record that is wrong", Seen([Failed("startup.origin", "502", Http("/api/me", 502, at: "frontend"))], Front("the health of backend", "502", "healthy", "frontend"), Record("backend", "its lease has expired") with { LeaseExpiresAt = At.AddHours(-1) })),
        ("a record that names whom else answers", Seen([Failed("startup.record.backend", "wrong", Record("backend", "wrong", 8001)), Failed("journey.backend.accepts", "404", Http("/api/threads", 404) with { Url = "http://127.0.0.1:8001/api/threads", From = new Answerer("auth", Auth) })], Record("backend", "wrong", 8001) with { Answering = new Answerer("auth", Auth) })),
        ("a record that names a port of somebody", Seen([Failed("startup.record.backend", "wrong", Record("backend", "wrong", 8001)), Failed("journey.socket.hello", "refused", Socket(failure: ExchangeFailure.Refused) with { Url = "ws://127.0.0.1:8001/ws" })], Record("backend", "wrong", 8001) with { PortHolder = "nginx (99)" })),
        ("a record of another instance", Seen([Failed("startup.record.backend", "another instance answers", Record("backend", "another instance answers"))], Record("backend", "another instance answers") with { Answering = new Answerer("backend", Auth) })),
        ("a record that leads there", Seen([Failed("startup.record.backend", "odd", Record("backend", "odd"))], Record("backend", "odd") with { Answering = new Answerer("backend", Backend) })),
        ("a wrong record of a stopped process", Seen([Failed("startup.record.backend", "wrong", Record("backend", "wrong", 8001))], Record("backend", "wrong", 8001), Service("backend") with { States = ["T", "T", "T"], DirectUrl = null })),
        ("a record of a living other", Seen([Failed("startup.record.backend", "another process", Record("backend", "another process", pid: 9))], Record("backend", "another process", pid: 9))),
        ("a store without a record", Seen([Failed("startup.ready.store", "store has no discovery record")], Record("store", "there is none") with { Instance = null, Pid = null, Port = null, ApiUrl = null }, Service("store"))),
        ("auth's record is lost, and the feed goes on", Seen([Failed("startup.record.auth", "wrong", Record("auth", "nobody listens", 1)), Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404))], Record("auth", "nobody listens", 1))),
        ("a breaker is open", Seen([Failed("isolation.rest.thread", "answered 409 instead of 404", Http("/api/threads/1", 409))], new BreakerLook(At, "backend", new Dictionary<string, string> { ["object storage"] = "open", ["store"] = "closed" }))),
        ("the model's breaker is open", Seen([Failed("isolation.rest.thread", "answered 409 instead of 404", Http("/api/threads/1", 409))], new BreakerLook(At, "backend", new Dictionary<string, string> { ["model"] = "open" }))),
        ("a breaker is open that hinders nothing", Seen([Failed("startup.phases", "late")], new BreakerLook(At, "backend", new Dictionary<string, string> { ["model"] = "open" }))),
        ("a breaker that is half open", Seen([Failed("isolation.rest.thread", "answered 409 instead of 404", Http("/api/threads/1", 409))], new BreakerLook(At, "backend", new Dictionary<string, string> { ["model"] = "half_open" }))),
        .. new[] { "bad_signature", "wrong_algorithm", "wrong_issuer", "wrong_audience", "not_yet_valid", "expired", "malformed" }.Select(reason =>
            ($"refused as {reason}", Seen([Failed("journey.backend.accepts", "GET /api/threads answered 401 invalid_token instead of 200", Http("/api/threads", 401, "invalid_token", error: reason)), Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 401)), Failed("journey.token.verifies", "it has expired")]))),
        ("a socket refuses the token", Seen([Failed("journey.socket.hello", "the socket closed with 4002 (invalid token: wrong_issuer) before hello", Socket(4002, "invalid token: wrong_issuer"))])),
        ("a socket closes because its token ran out", Seen([Failed("journey.logout.socket", "the close code is 4003 instead of 4004", Socket(4003, "token expired"))])),
        ("auth refuses its own token as expired", Seen([Failed("jwt.reject.disabled_user", "PATCH /auth/admin/users/1 answered 401 invalid_token instead of 200", Http("/auth/admin/users/1", 401, "invalid_token", error: "expired", at: "auth"))])),
        ("auth refuses its own token for another reason", Seen([Failed("jwt.reject.disabled_user", "PATCH /auth/admin/users/1 answered 401 invalid_token instead of 200", Http("/auth/admin/users/1", 401, "invalid_token", error: "revoked", at: "auth"))])),
        ("a socket that closes with 4002 and says nothing", Seen([Failed("journey.ask.answer", "the socket closed", Socket(4002))])),
        ("a bad token is refused, and rightly", Seen([Failed("jwt.reject.malformed", "the reason differs", Http("/api/threads", 401, "invalid_token", error: "expired"))])),
        ("auth refuses a token itself", Seen([Failed("journey.me", "401", Http("/auth/me", 401, "invalid_token", error: "expired", at: "auth"))])),
        ("the clock of auth is behind", Seen([Failed("startup.clocks", "auth's clock", new ClockLook(At, "auth", -3600)), Failed("journey.backend.accepts", "401 invalid_token instead of 200", Http("/api/threads", 401, "invalid_token", error: "expired"))], new ClockLook(At, "auth", -3600))),
        ("the clock of auth is five seconds off, which is allowed", Seen([Failed("startup.clocks", "auth's clock", new ClockLook(At, "auth", 5))], new ClockLook(At, "auth", 5))),
        ("the store refuses", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: The key-value store at 127.0.0.1:6380 refuses our password: restart.")))),
        ("the store is full", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: it fails")), new StoreLook(At, "127.0.0.1:6380", false, null, "-OOM command not allowed", 1))),
        ("the store wants another password", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: it fails")), new StoreLook(At, "127.0.0.1:6380", false, null, "-WRONGPASS", 1))),
        ("the way to the store is slow", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "healthy", ("store", "healthy")) with { LatencyMs = new Dictionary<string, double> { ["store"] = 400 } })),
        ("the way to the store is as slow as it may be", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "healthy", ("store", "healthy")) with { LatencyMs = new Dictionary<string, double> { ["store"] = 250 } })),
        ("the way to the store is slow, and somebody else says why it fails", Seen([Refused], Service("backend") with { IsAlive = false, LaterPids = [88, 89], DirectUrl = null, Told = "Limits:Window is 'never': set it to a time, such as 00:00:30 or 1.00:00:00." }, Health("backend", "healthy", ("store", "healthy")) with { LatencyMs = new Dictionary<string, double> { ["store"] = 400 } })),
        ("the way to the store does not work", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "degraded", ("store", "degraded: No answer within 1 s.")))),
        ("the store's process is stopped", Seen([Failed("startup.ready.backend", "degraded", Health("backend", "degraded", ("store", "degraded: x")))], Health("backend", "degraded", ("store", "degraded: No answer within 1 s.")), new StoreLook(At, "127.0.0.1:6380", false, ExchangeFailure.TimedOut, "no answer", 1), Service("store") with { States = ["T", "T", "T"] })),
        ("the store is away, and nothing needs it", Seen([Failed("startup.phases", "late")], Health("backend", "degraded", ("store", "degraded: No answer within 1 s.")), new StoreLook(At, "127.0.0.1:6380", false, ExchangeFailure.TimedOut, "no answer", 1))),
        ("a database that is none", Seen([Failed("journey.signup.created", "500", Http("/auth/signup", 500, at: "auth"))], new DatabaseLook(At, "auth", "/state/auth.db", true, false, true, 1L << 40, null, null))),
        ("a database that was deleted", Seen([Failed("startup.files.auth", "deleted")], new DatabaseLook(At, "auth", "/state/auth.db", false, null, false, 1L << 40, null, null, "/proc/71/fd/12"))),
        ("a database that nobody may write", Seen([Failed("journey.signup.created", "500", Http("/auth/signup", 500, at: "auth"))], new DatabaseLook(At, "auth", "/state/auth.db", true, true, false, 1L << 40, null, null))),
        ("a disk with just enough", Seen([Failed("journey.signup.created", "500", Http("/auth/signup", 500, at: "auth"))], new DatabaseLook(At, "auth", "/state/auth.db", true, true, true, 4 << 20, null, null))),
        ("a table is missing", Seen([Failed("journey.signup.created", "500", Http("/auth/signup", 500, at: "auth"))], Health("auth", "unhealthy", ("database", "unhealthy: SQLite Error 1: 'no such table: Users'."), ("store", "healthy")))),
        ("a database server that both need is away", Seen([Failed("startup.ready.auth", "unhealthy", Health("auth", "unhealthy", ("database", "unhealthy"))), Failed("startup.ready.backend", "unhealthy", Health("backend", "unhealthy", ("database", "unhealthy")))],
            Health("auth", "unhealthy", ("database", "unhealthy: PostgreSQL at db:5432/throughline_auth does not answer (Connection refused): start it, or mend Database:ConnectionString."), ("store", "healthy")),
            Health("backend", "unhealthy", ("database", "unhealthy: PostgreSQL at db:5432/throughline_backend does not answer (Connection refused): start it, or mend Database:ConnectionString."), ("store", "healthy")))),
        ("a database server that refuses one of them", Seen([Failed("startup.ready.auth", "unhealthy", Health("auth", "unhealthy", ("database", "unhealthy")))],
            Health("auth", "unhealthy", ("database", "unhealthy: PostgreSQL at db:5432/throughline_auth refuses the user or its password: mend Username and Password in Database:ConnectionString."), ("store", "healthy")))),
        ("a database server that hangs", Seen([Failed("startup.ready.auth", "unhealthy", Health("auth", "unhealthy", ("database", "unhealthy")))],
            Health("auth", "unhealthy", ("database", "unhealthy: No answer within 2 s."), ("store", "healthy")), new DatabaseLook(At, "auth", "/state/auth.db", false, null, false, 1L << 40, null, null))),
        ("the store is a copy, and health does not say so", Seen([Failed("journey.login.accepted", "503", Http("/auth/login", 503, "unavailable", at: "auth"))], new StoreLook(At, "127.0.0.1:6399", false, null, "-READONLY You can't write against a read only replica.", 1, IsOperators: true))),
        ("the store forbids scripts", Seen([Failed("journey.login.accepted", "503", Http("/auth/login", 503, "unavailable", at: "auth"))], new StoreLook(At, "127.0.0.1:6399", false, null, "-NOPERM User default has no permissions to run the 'eval' command", 1, IsOperators: true))),
        ("the store cannot save", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: it fails")), new StoreLook(At, "127.0.0.1:6399", false, null, "-MISCONF Redis is configured to save RDB snapshots", 1, IsOperators: true))),
        ("the operator's Redis is away", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: it fails")), new StoreLook(At, "127.0.0.1:6399", false, ExchangeFailure.Refused, "Connection refused", 1, IsOperators: true))),
        ("the operator's Redis wants another password", Seen([Failed("startup.ready.auth", "degraded", Health("auth", "degraded", ("store", "degraded: x")))], Health("auth", "degraded", ("store", "degraded: The key-value store at 127.0.0.1:6399 refuses our password: write it")), new StoreLook(At, "127.0.0.1:6399", false, null, "-WRONGPASS invalid", 1, IsOperators: true))),
        ("a database that fails", Seen([Failed("journey.signup.created", "500", Http("/auth/signup", 500, at: "auth"))], Health("auth", "unhealthy", ("database", "unhealthy: disk I/O error"), ("store", "healthy")))),
        ("a database elsewhere is held, and nothing fails there", Seen([Failed("startup.phases", "late")], new DatabaseLook(At, "auth", "/state/auth.db", true, true, true, 1L << 40, 4711, "process 4711 (sqlite3)"))),
        ("sockets: capacity, origin, no token, revoked, protocol, frames, refusals", Seen(
        [
            Failed("journey.a", "503", Socket(http: 503)), Failed("journey.b", "403", Socket(http: 403) with { Sent = "Origin: https://spend.example.com" }), Failed("jwt.reject.origin", "403", Socket(http: 403) with { Sent = "Origin: https://evil.example" }), Failed("journey.c", "404", Socket(http: 404)), Failed("journey.d", "4001", Socket(4001)),
            Failed("journey.e", "4001", Socket(4001, carrier: "none")), Failed("journey.f", "4004", Socket(4004)), Failed("journey.logout.socket", "4004", Socket(4004)), Failed("journey.g", "4005", Socket(4005)), Failed("journey.h", "1009", Socket(1009)), Failed("journey.i", "4029", Socket(4029)), Failed("journey.j", "4003", Socket(4003)),
        ])),
        ("questions are refused, and the backend says that it is not well", Seen([Failed("pipeline.cancel", "the question was refused with unavailable")], Health("backend", "degraded", ("store", "healthy")))),
        ("questions are refused, and a breaker is open", Seen([Failed("pipeline.cancel", "the question was refused with unavailable", Http("/api/limits", 200))], new BreakerLook(At, "backend", new Dictionary<string, string> { ["object storage"] = "open" }))),
        ("much came late on a busy machine, and some not at all", Seen([Late("jwt.validate", 400, 50), Late("jwt.mint", 300, 100), Late("pipeline.route", 300, 100), Failed("pipeline.cancel", "not within 15 s", Socket())], new MachineLook(At, 2, 30, 1L << 40))),
        ("more did not come at all than came late, on a busy machine", Seen([Late("jwt.validate", 400, 50), Failed("pipeline.cancel", "not within 15 s", Socket()), Failed("pipeline.trace", "not within 15 s", Socket())], new MachineLook(At, 2, 30, 1L << 40))),
        ("much too late for a busy machine", Seen([Late("recovery.healthy", 125_000, 30_000)], new MachineLook(At, 2, 30, 1L << 40))),
        ("late, on a quiet machine, twice", Seen([Late("jwt.validate", 400, 50), Late("jwt.other", 90, 50)])),
        ("late, on a quiet machine, once", Seen([Late("jwt.validate", 400, 50)])),
        ("late, at auth", Seen([Failed("journey.login.time", "not within 3 s", Http("/auth/login", 200, at: "auth")), Failed("journey.signup.time", "not within 3 s", Http("/auth/signup", 200, at: "auth"))])),
        ("late, with as much load as there may be", Seen([Late("jwt.validate", 400, 50), Late("jwt.other", 90, 50)], new MachineLook(At, 2, 4, 1L << 40))),
        ("fails at files, and at threads", Seen([Failed("journey.ask.uploaded", "500", Http("/api/files/1", 500)), Failed("journey.backend.accepts", "500", Http("/api/threads/1/runs", 500) with { TraceId = "4bf92f" }), Failed("journey.other", "broke", Http("/api/threads/2", null, failure: ExchangeFailure.Protocol))])),
        ("a limit of sign-ins that is off", Seen([Failed("limits.login.account", "401 instead of 429", Http("/auth/login", 401, at: "auth"))])),
        ("limits that refuse too early and too late", Seen(
        [
            Failed("limits.upload", "200 instead of 429", Http("/api/files", 200)), Failed("limits.socket", "ack instead of rate_limited", new Comparison(At, "the answer", "rate_limited", "ack")), Failed("journey.ask.acknowledged", "the question was refused with rate_limited", Socket()),
            Failed("journey.backend.accepts", "429", Http("/api/threads", 429)), Failed("journey.socket.open", "The server returned status code '429' when status code '101' was expected."), Failed("limits.login.address", "429 instead of 401", Http("/auth/login", 429, at: "auth")), Failed("limits.ask", "refused", Socket() with { Errors = ["quota_exhausted"] }),
        ])),
        ("a limit of sign-ins whose control fails", Seen([Failed("limits.login.account", "POST /auth/login answered 500 internal instead of 204", Http("/auth/login", 429, "rate_limited", at: "auth"), Http("/auth/login", 500, "internal", at: "auth") with { IsControl = true })])),
        ("changes arrive late, and so does all else", Seen([Late("sync.create.time", 700, 200), Late("jwt.validate", 400, 50)])),
        ("one change is late, and the feed is called healthy", Seen([Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404))])),
        ("changes do not arrive, and the feed is called healthy", Seen([Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("jwt.reject.revoked_session", "200 instead of 401", Http("/api/me", 200)), Failed("journey.profile.synced", "not within 5 s"), Failed("startup.ready.backend", "odd")])),
        ("changes do not arrive, and users are waited for", Seen(
        [
            Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("sync.disable", "not within 10 s", Http("/internal/users/1", 404)), Failed("jwt.validate", "GET /api/me answered 503 unavailable instead of 200", Http("/api/me", 503, "unavailable")),
            Late("journey.socket.hello", 2017, 2000), Failed("jwt.reject.origin", "not within 2 s: no hello came", Socket()), Late("jwt.other", 90, 50), Failed("pipeline.a", "GET /api/threads answered 503 unavailable instead of 200", Http("/api/threads", 503, "unavailable")),
        ])),
        ("an answer does not come after a refusal that was meant", Seen([Failed("limits.messages.early", "not within 20 s: no answer came; the last frame was {\"code\":\"rate_limited\"}", Socket() with { Errors = ["rate_limited"] })])),
        ("changes arrive a little late", Seen([Late("sync.create.time", 300, 200), Late("sync.update.time", 400, 300)])),
        ("two services say the same", Seen([Composed("auth", "The secret /state/secrets/a is missing; restore it."), Composed("backend", "The secret /state/secrets/a is missing; restore it."), Composed("frontend", "")])),
        ("two services find no room for what they try out", Seen([.. new[] { "auth", "backend" }.Select(s => Composed(s, "The folder for temporary files, /tmp/, cannot be used (it has 12 KiB left): make room there, or set TMPDIR to another folder."))])),
        ("a process that ends, and says what nobody knows", Seen([Refused], Service("backend") with { IsAlive = false, LaterPids = [88, 89], DirectUrl = null, Told = "Something else." })),
        ("a process that is gone, and no launcher", Seen([Refused], Service("backend") with { IsAlive = false, DirectUrl = null, IsLauncherAlive = false, LauncherPid = null })),
        ("a process that was never there", Seen([Refused], Service("backend") with { Pid = null, IsAlive = false, DirectUrl = null, IsLauncherAlive = false, LauncherPid = null })),
        ("a process that lives and could not start", Seen([Refused], Service("backend") with { Told = "Limits:Window is 'never': set it to a time, such as 00:00:30 or 1.00:00:00." })),
        ("nobody runs", Seen([Refused], [.. new[] { "store", "auth", "backend", "frontend" }.Select(Ended)])),
        ("descriptors are nearly gone", Seen([Refused], Service("backend") with { OpenFiles = 1021, MaxFiles = 1024 })),
        ("descriptors are gone, and more may be had", Seen([Refused], Service("backend") with { OpenFiles = 1024, MaxFiles = 1024, MostFiles = 524288 })),
        ("a process that is younger than the first question", Seen([Refused with { StartedAt = At }], Service("backend") with { StartedAt = At.AddSeconds(1) })),
        ("a process that is older than the first question", Seen([Refused with { StartedAt = At }], Service("backend") with { StartedAt = At })),
        ("a young process where services were killed on purpose", Seen([Refused with { StartedAt = At }, Failed("persistence.history", "it differs") with { StartedAt = At }], Service("backend") with { StartedAt = At.AddSeconds(1) })),
        ("a process that was started again before our eyes, and stays", Seen([Refused], Service("backend") with { LaterPids = [71] })),
        ("descriptors were gone, by its log", Seen([Failed("journey.profile.synced", "GET /api/me answered 500 internal instead of 200", Http("/api/me", 500, "internal") with { TraceId = "4bf92f" }) with { LoggedAs = ["4bf92f"] }], Service("backend") with { OpenFiles = 1000, MaxFiles = 1024, MostFiles = 524288 },
            new LogLook(At, "backend", ["2026-01-01T12:00:00.000Z fail: GET /api/me failed, trace 4bf92f System.IO.IOException: Too many open files : '/state/.service_discovery'"]) { About = ["4bf92f"] })),
        ("descriptors are left", Seen([Refused], Service("backend") with { OpenFiles = 1020, MaxFiles = 1024 })),
        ("a group that is frozen", Seen([Refused], new GroupLook(At, "backend", 71, "/docker/1f", GroupLook.Frozen))),
        ("a group that is held back", Seen([Refused, Late("jwt.validate", 90, 50), Failed("jwt.other", "GET /api/me answered 503 unavailable instead of 200", Http("/api/me", 503)), Failed("jwt.wrong", "GET /api/me answered 200 instead of 401", Http("/api/me", 200))],
            new GroupLook(At, "backend", 71, "/docker/1f", GroupLook.Processor, 0.25, 0.25))),
        ("a group without memory", Seen([Refused], Service("backend") with { IsAlive = false, LaterPids = [88, 89], DirectUrl = null }, new GroupLook(At, "backend", 71, "/docker/1f", GroupLook.Memory, 64 << 20, Times: 2))),
        ("a group without threads", Seen([Refused], new GroupLook(At, "backend", 71, "/docker/1f", GroupLook.Threads, 29, Times: 1))),
        ("a process that ended with the runtime's words", Seen([Refused], Service("backend") with { LaterPids = [71], DiedOf = "Stack overflow." })),
        ("a process that ended for want of memory, by the runtime's words", Seen([Refused], Service("backend") with { LaterPids = [71], DiedOf = "Out of memory." })),
        ("a stopped store that nothing shows", Seen([Failed("startup.phases", "late")], Service("store") with { States = ["T", "T", "T"] })),
        ("a frontend that hangs, and what has nothing to do with it", Seen(
        [
            Failed("a.origin", "no answer", Http("/", null, at: "frontend", failure: ExchangeFailure.TimedOut)), Failed("a.browser", "blank", new BrowserLook(At, "open", "http://127.0.0.1:3000/", null, [])), Failed("a.health", "degraded", Health("frontend", "degraded")),
            Failed("a.record", "odd", Record("frontend")), Failed("a.process", "odd", new ProcessLook(At, "frontend", 71, true)), Failed("startup.ready.frontend", "not ready"), Failed("a.misses", "degraded", Health("auth", "degraded", ("frontend", "degraded: x"))),
            Failed("b.socket", "closed", Socket(4003)), Failed("b.health", "odd", Health("backend", "degraded", ("frontend", "healthy"))), Failed("b.well", "odd", Health("backend", "healthy", ("frontend", "degraded: x"))), Failed("b.record", "odd", Record("backend")),
            Failed("b.process", "odd", new ProcessLook(At, "backend", 71, true)), Failed("b.count", "odd", new Comparison(At, "a count", "1", "2")),
        ], Service("frontend") with { DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut })),
        ("an auth that hangs takes along who needs it, and not the store", Seen(
        [
            Failed("a.auth", "no answer", Http("/auth/me", null, at: "auth", failure: ExchangeFailure.TimedOut)), Failed("a.backend", "503", Http("/api/me", 503)), Failed("a.frontend", "502", Http("/", 502, at: "frontend")), Failed("b.store", "odd", new ProcessLook(At, "store", 71, true)),
        ], Service("auth") with { DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut })),
        ("a backend that hangs takes along the frontend, and not auth", Seen(
        [
            Failed("a.backend", "no answer", Http("/api/me", null, failure: ExchangeFailure.TimedOut)), Failed("a.frontend", "502", Http("/", 502, at: "frontend")), Failed("b.auth", "odd", Http("/auth/me", 409, at: "auth")),
        ], Service("backend") with { DirectUrl = null, DirectFailure = ExchangeFailure.TimedOut })),
        ("a front that strips, and what it does not explain", Seen(
        [
            Failed("journey.socket.hello", "closed", Socket(4001, "no token provided", host: "127.0.0.2")), Failed("jwt.reject.malformed", "4001 instead of 4002", Socket(4001, "no token provided", host: "127.0.0.2")), Failed("jwt.accept.ticket", "no hello", Socket(1006, host: "127.0.0.2")),
            Failed("b.other", "closed", Socket(1009, host: "127.0.0.2")), Failed("b.direct", "closed", Socket(4003)),
        ], Front(FrontLook.Socket, "closed with 4001", "hello"))),
        ("a front that is slow, and what it does not explain", Seen(
        [
            Late("jwt.validate", 400, 50), Failed("a.socket", "no frame", Socket(1006, host: "127.0.0.2")), Failed("a.http", "odd", Http("/api/me", 409) with { Url = "http://127.0.0.2:8000/api/me" }), Failed("b.http", "odd", Http("/api/me", 409)), Failed("b.count", "odd", new Comparison(At, "a count", "1", "2")),
        ], Front(FrontLook.Socket, "hello, 900 ms later", "hello"))),
        ("limits: counted one after the other, and the first decides", Seen(
        [
            Failed("limits.messages.early", "60 instead of 50", new Comparison(At, "the messages that were let through", "50", "60")) with { EndedAt = At.AddSeconds(9) }, Failed("limits.messages.burst", "2 instead of 5", new Comparison(At, "the messages that were let through", "5", "2")),
            Failed("limits.upload", "500 instead of 429", Http("/api/other", 500)),
        ])),
        ("a copy that diverges and does not move", Seen([Failed("sync.reconcile.zero", "1 of 40 users diverge", new Comparison(At, "the divergences", "0", "1 among 40 users")), Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("sync.create.time", "not within 20 s", Http("/internal/users/1", 404))])),
        ("the feed is behind, and readiness says so", Seen([Failed("sync.update.time", "not within 20 s", Http("/internal/users/1", 404)), Failed("startup.ready.backend", "degraded", Health("backend", "degraded")), Failed("startup.phases", "odd")], Health("backend", "degraded", ("auth-feed", "degraded: not since 12:00"), ("signing", "healthy")))),
        ("a name that was seen to move elsewhere", Seen([Failed("sync.other", "the name is Name 15", new Comparison(At, "the name in the backend", "Name 99", "Name 15")), Failed("sync.update.ordered", "nobody was seen", new Comparison(At, "the name in the backend", "Name 99", ""))])),
        ("late by what was measured alone", Seen([Failed("a.one", "too slow", Http("/api/me", 200)) with { Measurement = new Measurement(60, 50, "ms") }, Failed("a.two", "too slow", Http("/api/me", 200)) with { Measurement = new Measurement(70, 50, "ms") }, Failed("b.just", "odd", Http("/api/me", 200)) with { Measurement = new Measurement(50, 50, "ms") }, Failed("b.count", "odd", Http("/api/me", 200)) with { Measurement = new Measurement(60, 50, "events") }])),
        ("two limits of time on a busy machine", Seen([Late("jwt.validate", 400, 50), Late("jwt.other", 90, 50)], new MachineLook(At, 2, 30, 1L << 40))),
        ("a process that was another at each look", Seen(
            [Failed("startup.record.auth", "the record of auth is wrong: its process 51 is gone", Record("auth", "its process 51 is gone", pid: 51) with { IsPidAlive = false }), Failed("startup.clocks", "Connection refused", Http("/health/live", null, at: "auth", failure: ExchangeFailure.Refused))],
            Service("auth", 73) with { Ports = [], DirectUrl = null }, Record("auth", "its process 62 is gone", pid: 62) with { IsPidAlive = false })),
        ("a process that was another once", Seen([Failed("startup.record.auth", "the record of auth is wrong: its process 51 is gone", Record("auth", "its process 51 is gone", pid: 51) with { IsPidAlive = false })], Service("auth", 73))),
        ("a frontend that ends, and what goes through it", Seen(
            [Failed("startup.origin", "Connection refused", Http("/.well-known/jwks", null, at: "auth", failure: ExchangeFailure.Refused) with { Url = "http://localhost:3000/.well-known/jwks" }), Failed("jwt.reject.origin", "the connection broke before hello", Socket(failure: ExchangeFailure.Reset) with { Url = "ws://localhost:3000/ws" })],
            Service("frontend") with { IsAlive = false, LaterPids = [88], DirectUrl = null })),
        ("a process that ends once, with the launcher there", Seen([Refused], Service("backend") with { IsAlive = false, DirectUrl = null })),
        ("SQLite: locked", Logged("trace 4bf92f3577b3 SqliteException: SQLite Error 5: 'database is locked'.")),
        ("SQLite: read-only", Logged("trace 4bf92f3577b3 SqliteException: SQLite Error 8: 'attempt to write a readonly database'.")),
        ("SQLite: damaged", Logged("trace 4bf92f3577b3 SqliteException: SQLite Error 11: 'database disk image is malformed'.")),
        ("SQLite: full", Logged("trace 4bf92f3577b3 SqliteException: SQLite Error 13: 'database or disk is full'.")),
        ("SQLite: no such column", Logged("trace 4bf92f3577b3 SqliteException: SQLite Error 1: 'no such column: u.Tier'.")),
        ("PostgreSQL: read-only", Logged("trace 4bf92f3577b3 Npgsql.PostgresException (0x80004005): 25006: cannot execute INSERT in a read-only transaction")),
        ("PostgreSQL: full", Logged("trace 4bf92f3577b3 Npgsql.PostgresException (0x80004005): 53100: could not extend file")),
        ("PostgreSQL: no such column", Logged("trace 4bf92f3577b3 Npgsql.PostgresException (0x80004005): 42703: column u.Tier does not exist")),
        ("PostgreSQL: anything else", Logged("trace 4bf92f3577b3 Npgsql.PostgresException (0x80004005): 54000: row is too big")),
        ("what a service logged of another request", Logged("trace ffff SqliteException: SQLite Error 11: 'database disk image is malformed'.", about: "ffff")),
        ("what the next service logged of the request, under the same trace", Seen([Failed("journey.signup.created", "answered 500", Http("/auth/signup", 500, "internal", at: "auth") with { TraceId = "4bf92f3577b3" }) with { LoggedAs = ["4bf92f3577b3"] }], new LogLook(At, "backend", ["trace 4bf92f3577b3 SQLite Error 11: 'malformed'."]) { About = ["4bf92f3577b3"] })),
        ("what no rule knows, logged of the request", Logged("trace 4bf92f3577b3 System.IO.IOException: The handle is invalid.", at: "backend", id: "journey.backend.accepts")),
        ("a run that fails, and what was logged of it", Seen(
            [Failed("pipeline.total", "the run's status is failed instead of completed", new Comparison(At, "the run's status", "completed", "failed")) with { LoggedAs = ["0190-run"] }],
            new LogLook(At, "backend", ["2026-01-01T12:00:00.000Z fail: Throughline.Backend.Agents.ToolRunner[2] Tool query of run 0190-run failed System.IO.FileNotFoundException: Could not find file 'facts'."]) { About = ["0190-run"] })),
        ("runs that do not finish", Seen([Failed("isolation.many", "the run did not finish"), Failed("pipeline.total", "the last event is RUN_ERROR instead of RUN_FINISHED", new Comparison(At, "the last event", "RUN_FINISHED", "RUN_ERROR"))])),
        ("a run that cannot be written, by the log", Seen(
            [Failed("pipeline.total", "no end of run 0190-run came", Socket()) with { LoggedAs = ["0190-run"] }],
            new LogLook(At, "backend", ["2026-01-01T12:00:00.000Z warn: Throughline.Backend.Runs.RunExecutor[4] Run 0190-run could not be written and is taken up again: SQLite Error 19: 'no room'."]) { About = ["0190-run"] })),
        ("a browser's failure is the frontend's", Seen([Failed("browser.page", "blank", new HealthLook(At, "frontend", "http://127.0.0.1:3000/health/ready", "unhealthy", new Dictionary<string, string>(), null))], Service("frontend") with { IsAlive = false, LaterPids = [88], DirectUrl = null })),
    ];

    [Fact]
    public void Each_scene_is_explained_word_for_word_as_it_was_approved()
    {
        var text = new StringBuilder();
        foreach (var row in NamingCauses.Recorded) Add(text, row.Data.Item1, row.Data.Item3);
        foreach (var (what, findings) in Mixed) Add(text, what, findings);
        var received = text.ToString();
        var path = Path.Combine(AppContext.BaseDirectory, "Diagnosis", "Approved.txt");
        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        if (approved == received) return;
        var other = Path.ChangeExtension(path, ".received.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        File.WriteAllText(other, received);
        Assert.Fail($"Explanations differ: diff {path} {other}. Where the new ones are right, they are the new Approved.txt.");
    }

    private static void Add(StringBuilder text, string what, IReadOnlyList<Finding> findings) =>
        text.Append("## ").AppendLine(what).AppendLine(Describe(new RuleDiagnosis().Explain(Graph, findings)));

    private static DirectLook Front(string what, string given, string direct, string service = "backend")
    {
        var (scheme, path) = what.Contains("socket", StringComparison.Ordinal) ? ("ws", "/ws") : ("http", "/");
        var port = service == "auth" ? 8001 : 8000;
        return new(At, service, what, $"{scheme}://127.0.0.2:{port}{path}", $"{scheme}://127.0.0.1:{port}{path}", given, direct);
    }
}
