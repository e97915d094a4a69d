using Throughline.Verify.Checks.Tokens;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>What was sent and does not arrive, by what the services themselves say of it: the name that was asked for, a token, a page's origin, an upgrade. Nobody but who stands between takes these away.</summary>
internal sealed class HeaderRules : IRule
{
    public IEnumerable<Cause> Find(Case @case) =>
        ((Cause?[])[WrongHost(@case), LostToken(@case), LostOrigin(@case) ?? UnknownPage(@case), LostUpgrade(@case) ?? RefusedUpgrade(@case), LostSubprotocol(@case), LostFields(@case)]).OfType<Cause>();

    private static Cause? WrongHost(Case @case) =>
        Of(@case, IsOfCode("unknown_host"), "frontend", FaultCodes.UnknownHost, "the name is not known",
            answer => $"The frontend does not answer to the name that reaches it: {Asked(answer)} answers 400 unknown_host.",
            answer => $"Start the stack once with --origin and the address that people open; let a reverse proxy at {PlaceOf(answer.Url)} pass the header Host on as it came.");

    private static Cause? LostToken(Case @case)
    {
        // One service alone may be at fault itself; two at one address have something before them.
        if (!@case.Unclaimed.Select(Case.LastExchange).OfType<HttpExchange>().Where(IsTokenLost).GroupBy(e => PlaceOf(e.Url)).Any(place => place.Select(e => e.From?.Service).Distinct().Count() > 1)) return null;
        var lost = Of(@case, f => Case.LastExchange(f) is HttpExchange answer && IsTokenLost(answer), "proxy", FaultCodes.TokenStripped, "the token does not arrive",
            answer => $"What stands in front of {PlaceOf(answer.Url)} takes the token out of requests: auth and the backend both answer 401 no_token, though one was sent ({Asked(answer)}).",
            answer => $"Let what stands at {PlaceOf(answer.Url)} pass the header Authorization on.");
        return lost! with { Explains = [.. lost.Explains.Union(@case.Unclaimed.Where(f => f.Evidence.Any(e => e is SocketExchange { CloseCode: 4001, Carrier: not "none" }) || Case.NeedsASocket(f)).Select(f => f.Id))] };
    }

    private static Cause? LostOrigin(Case @case)
    {
        // Without the header nobody is foreign to a socket, and everybody to a sign-in.
        var letIn = @case.Unclaimed.FirstOrDefault(f => f.Id == RefusingTokens.OriginId && f.Evidence.Any(e => e is SocketExchange { Sent: RefusingTokens.SentByForeign, UserId: not null }));
        if (letIn is null) return null;
        var lost = Of(@case, IsOfCode("foreign_origin"), "proxy", FaultCodes.OriginRefused, "the page's origin does not arrive",
            answer => $"What stands in front of {PlaceOf(answer.Url)} takes the header Origin out of requests: the frontend does not know its own page ({Asked(answer)} answers 403 foreign_origin), and the backend lets a foreign one in.",
            answer => $"Let what stands at {PlaceOf(answer.Url)} pass the header Origin on as it came.");
        return lost is null ? null : lost with { Explains = [.. lost.Explains, letIn.Id] };
    }

    private static Cause? UnknownPage(Case @case) =>
        Of(@case, IsOfCode("foreign_origin"), "frontend", FaultCodes.OriginRefused, "the page's address is not known",
            answer => $"The frontend takes its own page for a foreign one: {Asked(answer)} answers 403 foreign_origin.",
            answer => $"Start the stack once with --origin and the address that people open; let a reverse proxy at {PlaceOf(answer.Url)} pass the headers Host and Origin on as they came.");

    private static Cause? LostUpgrade(Case @case) =>
        OfSockets(@case, socket => socket.HttpStatus == 426,
            socket => $"What stands in front of {PlaceOf(socket.Url)} passes sockets on as plain requests: the backend sees no upgrade, and answers 426.",
            socket => $"Let what stands at {PlaceOf(socket.Url)} pass the headers Upgrade and Connection on, over HTTP/1.1; in nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade.");

    private static Cause? RefusedUpgrade(Case @case)
    {
        var refused = OfSockets(@case, socket => socket.HttpStatus == 403 && !RefusingTokens.SentAsPage(socket),
            socket => $"What stands in front of {PlaceOf(socket.Url)} refuses sockets with HTTP 403: no page's origin was sent, and for nothing else the backend does so.",
            socket => $"Let what stands at {PlaceOf(socket.Url)}, a firewall or a reverse proxy, pass WebSocket connections.");
        // Pages are refused with all others.
        return refused is null ? null : refused with { Explains = [.. refused.Explains.Union(@case.Unclaimed.Where(f => f.Id == RefusingTokens.OriginId).Select(f => f.Id))] };
    }

    private static Cause? LostSubprotocol(Case @case)
    {
        if (@case.Unclaimed.FirstOrDefault(f => Case.Of<Comparison>([f]).Any(c => c.Item is { What: "the subprotocol", Actual: "nothing" })) is not { } first) return null;
        return Cause(
            "proxy", FaultCodes.SubprotocolStripped, "What stands in front of the backend takes the subprotocol out of a socket's request: sockets open by a token in the header alone, and not as throughline.v1.",
            new Fix("Let it pass the header Sec-WebSocket-Protocol on, both ways."),
            [.. @case.Unclaimed.Where(f => f == first || f.Evidence.Any(e => e is Comparison { What: "the subprotocol", Actual: "nothing" } or SocketExchange { CloseCode: 4001, Carrier: "subprotocol" })).Select(f => f.Id)],
            new Arrow("the subprotocol is nothing", first.Id, first.Id, first.Evidence.Count - 1));
    }

    private static Cause? LostFields(Case @case)
    {
        var all = @case.Unclaimed.Where(f => f.Reason is { } reason && (reason.StartsWith("RateLimit-Policy is missing", StringComparison.Ordinal) || reason.StartsWith("Retry-After is missing", StringComparison.Ordinal))).ToList();
        // Auth refuses sign-ins, the backend all else; one alone may be at fault itself.
        if (!all.Exists(f => f.Id.StartsWith("limits.login.", StringComparison.Ordinal)) || !all.Exists(f => f.Id.StartsWith("limits.http.", StringComparison.Ordinal))) return null;
        return Cause(
            "proxy", FaultCodes.HidesLimits, "What stands in front of the services takes RateLimit, RateLimit-Policy and Retry-After out of their answers: those of auth and of the backend lack them alike, so clients do not know when to come again.",
            new Fix("Let it pass these headers on."), [.. all.Select(f => f.Id)], new Arrow(all[0].Reason!, all[0].Id, all[0].Id, Math.Max(0, all[0].Evidence.Count - 1)));
    }

    private static Cause? Of(Case @case, Func<Finding, bool> isSo, string component, string fault, string arrow, Func<HttpExchange, string> sentence, Func<HttpExchange, string> fix)
    {
        var all = @case.Unclaimed.Where(isSo).ToList();
        if (all is not [var first, ..]) return null;
        var answer = Case.Of<HttpExchange>([first]).Last();
        return Cause(component, fault, sentence(answer.Item), new Fix(fix(answer.Item)), [.. all.Select(f => f.Id)], answer.Arrow(arrow, first.Id));
    }

    private static Cause? OfSockets(Case @case, Func<SocketExchange, bool> isSo, Func<SocketExchange, string> sentence, Func<SocketExchange, string> fix)
    {
        var all = @case.Unclaimed.Where(f => Case.Of<SocketExchange>([f]).Any(s => isSo(s.Item))).ToList();
        if (all is not [var first, ..]) return null;
        var seen = Case.Of<SocketExchange>([first]).First(s => isSo(s.Item));
        return Cause(
            "proxy", FaultCodes.UpgradeRefused, sentence(seen.Item), new Fix(fix(seen.Item)), [.. all.Select(f => f.Id).Union(@case.Unclaimed.Where(Case.NeedsASocket).Select(f => f.Id))],
            seen.Arrow($"HTTP {seen.Item.HttpStatus} at the upgrade", first.Id));
    }

    private static Func<Finding, bool> IsOfCode(string code) => finding => Case.LastExchange(finding) is HttpExchange answer && answer.Code == code;

    private static bool IsTokenLost(HttpExchange answer) => answer is { Status: 401, Code: "no_token", Sent: not "no token" };
}
