namespace Throughline.Backend.Tests.Isolation;

/// <summary>
/// The authorisation matrix of all endpoints: a line each. A route without a line, or a line without a route, fails the suite; what a line says
/// is driven for every caller over HTTP.
/// </summary>
internal static class Endpoints
{
    public static readonly IReadOnlyList<Row> All = [.. Auth(), .. Backend(), .. Frontend()];

    private static IEnumerable<Row> Auth()
    {
        foreach (var row in Health("auth")) yield return row;
        yield return Open("auth", "GET", "/.well-known/jwks", 200);
        yield return Open("auth", "GET", "/.well-known/openid-configuration", 200) with { IsBeforeRouting = true };
        yield return Open("auth", "POST", "/auth/signup", 400, new { });
        yield return Open("auth", "POST", "/auth/login", 400, new { });
        yield return Open("auth", "GET", "/auth/options", 200);
        yield return Open("auth", "POST", "/auth/password/forgot", 400, new { });
        yield return Open("auth", "POST", "/auth/password/reset", 400, new { });
        yield return Open("auth", "POST", "/auth/email/verify", 400, new { });
        yield return Open("auth", "POST", "/auth/passkeys/login/options", 200);
        yield return Open("auth", "POST", "/auth/passkeys/login", 401, new { });
        yield return Open("auth", "GET", "/connect/authorize", 400);
        yield return Open("auth", "POST", "/connect/authorize", 400);
        yield return Open("auth", "POST", "/connect/token", 400);
        yield return Open("auth", "POST", "/connect/device", 400) with { IsBeforeRouting = true };
        yield return Open("auth", "POST", "/connect/introspect", 400) with { IsBeforeRouting = true };
        yield return Open("auth", "POST", "/connect/revoke", 400) with { IsBeforeRouting = true };

        yield return Self("auth", "GET", "/auth/me", 200) with { IsForAccountKeys = true };
        yield return Self("auth", "PATCH", "/auth/me", 200, new { }) with { IsForAccountKeys = true };
        yield return Self("auth", "DELETE", "/auth/me", 204) with { IsConsuming = true, Thing = "user" };
        yield return Self("auth", "POST", "/auth/logout", 204) with { IsConsuming = true, Thing = "user" };
        yield return Self("auth", "GET", "/auth/sessions", 200) with { IsForAccountKeys = true };
        yield return Self("auth", "DELETE", "/auth/sessions", 204) with { IsConsuming = true, Thing = "user", IsForAccountKeys = true };
        yield return Own("auth", "DELETE", "/auth/sessions/{id:guid}", "session", 204) with { IsConsuming = true, IsForAccountKeys = true };
        yield return Self("auth", "GET", "/auth/activity", 200);
        yield return Self("auth", "POST", "/auth/password/change", 400, new { });
        yield return Self("auth", "POST", "/auth/email/verify/send", 202) with { StatusOfAdmin = 409 }; // the administrator's is verified
        yield return Self("auth", "GET", "/auth/api-keys", 200);
        yield return Self("auth", "POST", "/auth/api-keys", 201, new { name = "made" });
        yield return Own("auth", "DELETE", "/auth/api-keys/{id:guid}", "key", 204) with { IsConsuming = true };
        yield return Self("auth", "GET", "/auth/mfa", 200);
        yield return Self("auth", "POST", "/auth/mfa/totp/begin", 400, new { });
        yield return Self("auth", "POST", "/auth/mfa/totp/confirm", 400, new { });
        yield return Self("auth", "POST", "/auth/mfa/totp/recovery-codes", 400, new { });
        yield return Self("auth", "POST", "/auth/mfa/totp/remove", 400, new { });
        yield return Self("auth", "POST", "/auth/passkeys/options", 400, new { });
        yield return Self("auth", "POST", "/auth/passkeys", 400, new { });
        yield return Own("auth", "DELETE", "/auth/passkeys/{id}", "passkey", 204) with { IsConsuming = true };
        yield return Self("auth", "POST", "/auth/device", 404, new { });
        yield return Self("auth", "POST", "/auth/device/approve", 404, new { });
        yield return Self("auth", "POST", "/auth/device/deny", 404, new { });
        yield return Self("auth", "GET", "/connect/userinfo", 200) with { IsForAccountKeys = true };
        yield return Self("auth", "POST", "/connect/userinfo", 200) with { IsForAccountKeys = true };

        yield return Admin("GET", "/auth/admin/users", 200);
        yield return Admin("GET", "/auth/admin/users/{id:guid}", 200) with { Thing = "user" };
        yield return Admin("PATCH", "/auth/admin/users/{id:guid}", 200, new { }) with { Thing = "user" };
        yield return Admin("DELETE", "/auth/admin/users/{id:guid}/sessions", 204) with { Thing = "bystander" };
        yield return Admin("GET", "/auth/admin/audit", 200);
        yield return Admin("GET", "/auth/admin/proof", 200);
        yield return Admin("GET", "/auth/admin/proof/run", 200);
        yield return Admin("POST", "/auth/admin/proof/run", 400) with { Sample = "/auth/admin/proof/run?browser=perhaps" }; // else it would run verify

        yield return Operator("auth", "GET", "/internal/audit", 200);
        yield return Operator("auth", "GET", "/internal/keys", 200);
        yield return Operator("auth", "POST", "/internal/keys/rotations", 202, new { });
        yield return Service("auth", "POST", "/internal/signing/challenge", 400, new { });
        yield return Service("auth", "GET", "/internal/users/changes", 200);
        yield return Service("auth", "GET", "/internal/users/{id:guid}", 200) with { Thing = "user" };
        yield return Service("auth", "GET", "/internal/users", 200);
        yield return Service("auth", "GET", "/internal/users/{id:guid}/state", 200) with { Thing = "user" };
        yield return Service("auth", "POST", "/internal/users/{id:guid}/retell", 204, new { version = 1 }) with { Thing = "bystander" };
        yield return Service("auth", "POST", "/internal/users/{id:guid}/erased", 400, new { items = Array.Empty<object>() }) with { Thing = "user" };
        yield return Open("auth", "GET", "/auth/erasures/{id:guid}", 404) with { Sample = "/auth/erasures/00000000-0000-4000-8000-000000000000" };
        yield return Service("auth", "POST", "/internal/api-keys/exchange", 200, new { key = "tl_none" });
    }

    private static IEnumerable<Row> Backend()
    {
        foreach (var row in Health("backend")) yield return row;
        yield return Open("backend", "*", "/ws", 426);

        yield return Self("backend", "GET", "/api/threads", 200);
        yield return Self("backend", "POST", "/api/threads", 201, new { title = "made" });
        yield return Own("backend", "GET", "/api/threads/{id}", "thread", 200);
        yield return Own("backend", "PATCH", "/api/threads/{id}", "thread", 200, new { title = "renamed" });
        yield return Own("backend", "DELETE", "/api/threads/{id}", "thread", 204) with { IsConsuming = true };
        yield return Own("backend", "GET", "/api/threads/{id}/events", "thread", 200);
        yield return Own("backend", "GET", "/api/threads/{id}/messages", "thread", 200);
        yield return Own("backend", "GET", "/api/threads/{id}/export", "thread", 200);
        yield return Own("backend", "GET", "/api/threads/{id}/runs", "thread", 200);
        yield return Own("backend", "GET", "/api/runs/{id}", "run", 200);
        yield return Own("backend", "POST", "/api/runs/{id}/cancel", "run", 409); // it has ended
        yield return Self("backend", "POST", "/api/agui", 400, new { messages = Array.Empty<object>() });
        yield return Self("backend", "GET", "/api/agui/capabilities", 200);
        yield return Self("backend", "GET", "/api/files", 200);
        yield return Self("backend", "POST", "/api/files", 415, new { });
        yield return Self("backend", "POST", "/api/files/sample", 201);
        yield return Own("backend", "GET", "/api/files/{id}", "file", 200);
        yield return Own("backend", "DELETE", "/api/files/{id}", "file", 204) with { IsConsuming = true };
        yield return Own("backend", "GET", "/api/facts/{id:guid}", "fact", 200);
        yield return Self("backend", "GET", "/api/budgets", 200);
        yield return Self("backend", "DELETE", "/api/budgets/{per}", 204) with { Sample = "/api/budgets/month" };
        yield return Self("backend", "GET", "/api/alerts", 200);
        yield return Self("backend", "DELETE", "/api/alerts/{per}", 204) with { Sample = "/api/alerts/day" };
        yield return Self("backend", "GET", "/api/documents", 200);
        yield return Own("backend", "GET", "/api/documents/{id}", "document", 200);
        yield return Own("backend", "DELETE", "/api/documents/{id}", "document", 204) with { IsConsuming = true };
        yield return Self("backend", "GET", "/api/limits", 200);
        yield return Self("backend", "GET", "/api/breakers", 200);
        yield return Self("backend", "GET", "/api/me", 200);
        yield return Self("backend", "POST", "/api/ws-tickets", 200);

        yield return Service("backend", "GET", "/internal/users/{id:guid}", 200) with { Thing = "user" };
        yield return Operator("backend", "POST", "/internal/reconcile", 200);
    }

    /// <summary>The proxy's routes by one address each: what the services answer is theirs to say.</summary>
    private static IEnumerable<Row> Frontend()
    {
        foreach (var row in Health("frontend")) yield return row;
        yield return Self("frontend", "*", "/api/{**rest}", 200) with { Sample = "/api/threads" };
        yield return Self("frontend", "*", "/auth/{**rest}", 200) with { Sample = "/auth/me", IsForAccountKeys = true };
        yield return Self("frontend", "*", "/connect/{**rest}", 200) with { Sample = "/connect/userinfo", IsForAccountKeys = true };
        yield return Open("frontend", "*", "/.well-known/{**rest}", 200) with { Sample = "/.well-known/jwks" };
        yield return Open("frontend", "*", "/ws", 426);
        // Not even a service's own token opens these from outside.
        yield return Open("frontend", "*", "/internal/{**rest}", 404) with { Sample = "/internal/users/changes" };
        yield return Open("frontend", "*", "/health/{**rest}", 404) with { Sample = "/health/nothing" };
        yield return Open("frontend", "*", "/session/{**rest}", 404) with { Sample = "/session/nothing" };
        yield return Open("frontend", "*", "/ws/{**rest}", 404) with { Sample = "/ws/nothing" };
        // Without the header that only our own pages send.
        yield return Open("frontend", "POST", "/session", 403, new { });
        yield return Open("frontend", "POST", "/session/passkey", 403, new { });
        yield return Open("frontend", "POST", "/session/refresh", 403, new { });
        yield return Open("frontend", "DELETE", "/session", 403);
        foreach (var method in (string[])["GET", "HEAD"])
        {
            yield return Open("frontend", method, "/{*path:nonfile}", 200) with { Sample = "/threads" };
            yield return Open("frontend", method, "/{**path:file}", 404) with { Sample = "/nothing.js" };
        }
    }

    /// <summary>What those read who watch the service; at the public origin there are no metrics.</summary>
    private static IEnumerable<Row> Health(string service) =>
        [Open(service, "GET", "/health/live", 200), Open(service, "GET", "/health/ready", 200), Open(service, "GET", "/metrics", service == "frontend" ? 404 : 200)];

    private static Row Open(string service, string method, string pattern, int status, object? body = null) => new(service, method, pattern, Reach.Open, status) { Body = body };

    private static Row Self(string service, string method, string pattern, int status, object? body = null) => new(service, method, pattern, Reach.Self, status) { Body = body };

    private static Row Own(string service, string method, string pattern, string thing, int status, object? body = null) =>
        new(service, method, pattern, Reach.Own, status) { Thing = thing, Body = body };

    private static Row Admin(string method, string pattern, int status, object? body = null) => new("auth", method, pattern, Reach.Admin, status) { Body = body };

    private static Row Operator(string service, string method, string pattern, int status, object? body = null) => new(service, method, pattern, Reach.Operator, status) { Body = body };

    private static Row Service(string service, string method, string pattern, int status, object? body = null) => new(service, method, pattern, Reach.Service, status) { Body = body };
}
