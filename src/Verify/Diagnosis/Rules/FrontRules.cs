using System.Globalization;
using Throughline.Verify.Checks.Journey;
using Throughline.Verify.Checks.Startup;
using Throughline.Verify.Checks.Tokens;
using Throughline.Verify.Looks;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>
/// What stands between clients and a service answers otherwise than the service itself: the same was asked at both, and the operating
/// system says who holds the address that clients are given.
/// </summary>
internal sealed class FrontRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        var differing = @case.Looks<DirectLook>().Where(s => s.Item.Differs && s.Item.Service != "frontend").Select(s => (Seen: s, Fault: FaultOf(s.Item))).ToList();
        foreach (var (seen, fault) in differing)
        {
            // What it does is known more closely, and this comes of it.
            if (fault == FaultCodes.Answers && differing.Any(d => d.Seen.Item.Service == seen.Item.Service && d.Fault is not (null or FaultCodes.Answers))) continue;
            if (fault is not null && Judge(@case, seen, fault) is { Explains.Count: > 0 } cause) yield return cause;
        }
    }

    private static Cause? Judge(Case @case, Seen<DirectLook> seen, string fault)
    {
        var look = seen.Item;
        if (fault == FaultCodes.OriginRefused && @case.Looks<DirectLook>().Any(s => s.Item is { What: FrontLook.Socket, Differs: true })) return null;
        // Requests go where the record says: while that is wrong, what answers there is no front.
        // Where nobody listens nobody stands in front.
        if (NameRules.IsWrong(@case, look.GivenUrl) || look.Given == nameof(ExchangeFailure.Refused) || (!look.GivenUrl.StartsWith("ws", StringComparison.Ordinal) && @case.RecordOf(look.Service) is { Item.Rejection: not null })) return null;
        var explains = Explained(@case, look, fault);
        List<Arrow> chain = [seen.Arrow($"{look.Holder ?? "something"} holds {look.GivenUrl}", "clients get its answers"), seen.Arrow($"{look.What}: {look.Given} there, {look.Direct} at {look.DirectUrl}", "what stands in front answers otherwise")];
        return Cause(
            "proxy", fault, $"{look.Holder ?? "What stands"} in front of {look.Service} at {look.GivenUrl} {Deed(fault, look)}; {look.Service} itself at {look.DirectUrl} answers rightly ({look.Direct}).",
            new Fix($"Mend or remove what listens at {new Uri(look.GivenUrl).Authority}{(look.Holder is { } holder ? $" ({holder})" : "")}, or let clients go to {look.DirectUrl}."), explains, chain);
    }

    private static string? FaultOf(DirectLook look) => look switch
    {
        _ when look.Given.EndsWith(" later", StringComparison.Ordinal) => FaultCodes.Slow,
        { What: FrontLook.Socket, Given: "closed with 4001" } => FaultCodes.TokenStripped,
        { What: FrontLook.Socket } when look.Given.StartsWith("HTTP", StringComparison.Ordinal) => FaultCodes.UpgradeRefused,
        { What: FrontLook.Socket, Given: nameof(ExchangeFailure.Reset) } or { What: FrontLook.Connections or FrontLook.Lasting } => FaultCodes.ConnectionCut,
        { What: FrontLook.Socket, Given: nameof(ExchangeFailure.TimedOut) } => FaultCodes.Stalled,
        { What: FrontLook.Socket, Given: nameof(ExchangeFailure.Protocol) } => FaultCodes.Garbled,
        // Where no socket opens at all the page's does not either.
        { What: FrontLook.PageSocket } => look.Given == "HTTP 403" ? FaultCodes.OriginRefused : null,
        { What: FrontLook.Question } => FaultCodes.ChangesEvents,
        // One was sent.
        _ when look.Given.StartsWith("401 no_token", StringComparison.Ordinal) => FaultCodes.TokenStripped,
        { What: FrontLook.TwoUsers } when look.Given.Contains("another's", StringComparison.Ordinal) => FaultCodes.MixesUsers,
        { What: FrontLook.SixQuestions } when look.Given is ['2', ..] || look.Given.StartsWith("429", StringComparison.Ordinal) => FaultCodes.HidesLimits,
        { What: FrontLook.Keys } => FaultCodes.DifferentKeys,
        _ => FaultCodes.Answers,
    };

    private static string Deed(string fault, DirectLook look) => fault switch
    {
        FaultCodes.TokenStripped when look.What == FrontLook.Socket => "takes the token out of the socket's request: the backend closes with 4001 (no token provided), though one was sent",
        FaultCodes.TokenStripped => $"takes the token out of requests: {look.What} answers {look.Given}, though one was sent",
        FaultCodes.UpgradeRefused => $"refuses the upgrade to a socket with {look.Given}",
        FaultCodes.OriginRefused => "changes the header Origin, so that the backend refuses the own page with 403",
        FaultCodes.ConnectionCut => look.What == FrontLook.Socket ? "cuts the socket's connection" : look.What == FrontLook.Lasting ? "cuts the socket's connection after a while" : $"cuts connections: {look.Given}",
        FaultCodes.ChangesEvents => $"does not pass on what the backend sends on a socket: {look.Given}",
        FaultCodes.Stalled => "lets nothing through on the socket",
        FaultCodes.Garbled => "changes the socket's bytes",
        FaultCodes.Slow => $"holds up what passes: {look.What} is answered {look.Given[(look.Given.LastIndexOf(", ", StringComparison.Ordinal) + 2)..]}",
        FaultCodes.MixesUsers => "answers one user with what is another's",
        FaultCodes.HidesLimits => $"answers {look.Given} where the limit says {look.Direct}",
        FaultCodes.DifferentKeys => "hands out other keys than auth publishes",
        _ => $"answers {look.What} with {look.Given}",
    };

    private static IReadOnlyList<string> Explained(Case @case, DirectLook look, string fault) => fault switch
    {
        FaultCodes.TokenStripped when look.What == FrontLook.Socket => @case.Where(f => f.Evidence.Any(e => e is SocketExchange socket && Sent(socket.Url, look) && (socket.CloseCode == 4001 || f.Check == "jwt")) || f.Reason?.Contains("4001", StringComparison.Ordinal) == true),
        FaultCodes.UpgradeRefused or FaultCodes.ConnectionCut or FaultCodes.Stalled or FaultCodes.Garbled when look.What is FrontLook.Socket or FrontLook.Lasting =>
            @case.Where(f => Case.Of<SocketExchange>([f]).Any(s => Sent(s.Item.Url, look)) || (f.Reason?.Contains("socket", StringComparison.Ordinal) ?? false)),
        FaultCodes.Slow => @case.Where(f => TimingRules.IsLate(f) || Case.Of<SocketExchange>([f]).Any(s => Sent(s.Item.Url, look)) || Case.Of<HttpExchange>([f]).Any(h => Sent(h.Item.Url, look))),
        FaultCodes.ChangesEvents => [.. @case.At(look.Service).Union(@case.Where(f => Case.Of<Comparison>([f]).Any(c => c.Item.What.Contains("event", StringComparison.Ordinal))))],
        FaultCodes.OriginRefused => @case.Where(f => f.Id == RefusingTokens.OriginId || Case.Of<SocketExchange>([f]).Any(s => s.Item.HttpStatus == 403 && Sent(s.Item.Url, look))),
        FaultCodes.MixesUsers => @case.Where(f => Case.Touches(f, "backend") || f.Id == "startup.origin"),
        FaultCodes.HidesLimits => @case.Where(f => f.Check == "limits"),
        FaultCodes.DifferentKeys => @case.Where(f => SigningRules.IsRefusedToken(f) || f.Id is "journey.token.verifies" or "startup.keys.agree" or "startup.ready.backend" or "startup.origin"),
        // The backend reads of its users by the same way.
        _ when look.Service == "auth" => [.. @case.At("auth").Union(SyncRules.Behind(@case, @case.Failed).Select(f => f.Id))],
        _ => @case.At(look.Service),
    };

    private static bool Sent(string url, DirectLook look) => PlaceOf(url) == PlaceOf(look.GivenUrl);
}

/// <summary>The public origin forwards to somewhere else than where the services are.</summary>
internal sealed class OriginRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var seen in @case.Looks<DirectLook>().Where(s => s.Item is { Differs: true, Service: "frontend" }))
        {
            var look = seen.Item;
            var target = look.What.Split(" of ")[^1];
            // While discovery, or the service, is at fault the frontend only tells what it sees.
            if (@case.RecordOf(target) is { Item.Rejection: not null } || @case.ServiceOf(target) is not { Item.DirectUrl: not null }) continue;
            if (NameRules.IsWrong(@case, look.GivenUrl)) continue;
            // It forwards to where clients are sent; what stands there answers so itself.
            if (@case.Looks<DirectLook>().Any(s => s.Item.Service == target && s.Item.Differs && s.Item.GivenUrl.StartsWith("http", StringComparison.Ordinal))) continue;
            var explains = @case.Where(f => Case.Touches(f, "frontend") || f.Id is "startup.port.clients" or "startup.origin" or JourneyCheck.PagePassesId);
            if (explains.Count > 0)
                yield return Cause(
                    "frontend", FaultCodes.WrongAddress, $"The public origin answers {look.What} with {look.Given}, while {target} at {look.DirectUrl} answers {look.Direct}: the frontend forwards it somewhere else.",
                    new Fix($"Remove Services:{target} from the frontend's settings and environment, or set it to {look.DirectUrl}; then restart the frontend."), explains, seen.Arrow($"{target} is well", "the public origin does not reach it"));
        }
    }
}

/// <summary>A service came back on another port, and a client of it goes on asking at the old one.</summary>
internal sealed class FollowRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var finding in @case.Unclaimed.Where(f => f.Id == StartingAndStopping.FollowsId && f.Reason?.EndsWith(StartingAndStopping.DoesNotFollow, StringComparison.Ordinal) == true).ToList())
        {
            var client = finding.Reason![..finding.Reason!.IndexOf(StartingAndStopping.DoesNotFollow, StringComparison.Ordinal)].Split(": ")[^1];
            yield return Cause(
                client, FaultCodes.WrongAddress, $"{ProcessRules.Capital(client)} does not follow a service that comes back on another port: auth did, its record says so, and {client} goes on asking where it was.",
                new Fix($"Restart {client}, which reads the records anew; put the release of {client} before this one back."), [finding.Id],
                new Arrow("auth listens on another port", $"{client} does not find it", finding.Id, Math.Max(0, finding.Evidence.Count - 1)));
        }
    }
}

/// <summary>What a service takes and answers when it is asked itself does not come to it, or not so, through the public origin: the frontend passes it on otherwise.</summary>
internal sealed class PassageRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        if (@case.Unclaimed.FirstOrDefault(f => f.Id == JourneyCheck.PagePassesId) is not { } finding || Case.LastExchange(finding) is not { } asked) yield break;
        if (finding.Evidence.LastOrDefault(e => e.IsControl && IsAnswered(e) && IsSameElsewhere(e, asked)) is not { } itself || FaultOf(asked) is not var (fault, deed)) yield break;
        yield return Cause(
            "frontend", fault, $"The frontend {deed}; asked the same at {PlaceOf(UrlOf(itself))}, the service itself answers rightly.",
            new Fix("Put the release of the frontend before this one back, or mend what stands between it and the service: throughline logs frontend"),
            [finding.Id, .. @case.Unclaimed.Where(f => f.Id.StartsWith("journey.browser.", StringComparison.Ordinal)).Select(f => f.Id)],
            new Arrow("the service itself takes it", "through the public origin it does not arrive so", finding.Id, finding.Evidence.Count - 1));
    }

    private static (string Fault, string Deed)? FaultOf(EvidenceItem asked) => asked switch
    {
        _ when IsAnswered(asked) => null,
        HttpExchange { Status: 401, Code: "no_token" } http => (FaultCodes.TokenStripped, $"takes the token out of what it passes on: {Asked(http)} through the public origin answers 401 no_token, though one was sent"),
        HttpExchange http => (FaultCodes.Answers, $"does not pass on what it is asked: {Asked(http)} through the public origin answers {http.Status?.ToString(CultureInfo.InvariantCulture) ?? $"nothing ({http.Failure})"}"),
        SocketExchange { CloseCode: 4001 } => (FaultCodes.TokenStripped, "takes the token out of a socket's request: the backend closes with 4001 (no token provided), though one was sent"),
        SocketExchange { HttpStatus: { } status } => (FaultCodes.UpgradeRefused, $"does not pass sockets on to the backend: the upgrade at the public origin is answered with HTTP {status}"),
        _ => (FaultCodes.ConnectionCut, "does not keep a socket's connection to the backend"),
    };

    private static bool IsAnswered(EvidenceItem item) => item is HttpExchange { Status: 200 } or SocketExchange { UserId: not null };

    private static bool IsSameElsewhere(EvidenceItem itself, EvidenceItem asked) =>
        itself.GetType() == asked.GetType() && PlaceOf(UrlOf(itself)) != PlaceOf(UrlOf(asked)) && new Uri(UrlOf(itself)).AbsolutePath == new Uri(UrlOf(asked)).AbsolutePath;

    private static string UrlOf(EvidenceItem item) => item is HttpExchange http ? http.Url : ((SocketExchange)item).Url;
}
