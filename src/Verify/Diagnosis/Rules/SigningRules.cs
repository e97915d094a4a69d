using System.Text.RegularExpressions;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>Auth and the backend do not agree about tokens: by the proof that the backend asks of auth, and by tokens that it refuses.</summary>
internal sealed partial class SigningRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        if (@case.HealthOf("backend") is not { } health || !health.Item.Dependencies.TryGetValue("signing", out var said)) yield break;
        var refused = @case.Where(IsRefusedToken);
        var disagreeing = @case.Where(f => f.Id == "startup.keys.agree" || (f.Id == "startup.ready.backend" && !said.StartsWith("healthy", StringComparison.Ordinal)));
        if (StartWords.Read("backend", said) is { } known && known.Component == "signing")
        {
            // The page's client has its return address from the issuer's name.
            var ofThePage = known.Fault == FaultCodes.DifferentIssuers ? @case.Where(f => f.Id == "journey.login.page") : [];
            yield return Cause("signing", known.Fault, $"The backend refuses what auth signs: {Case.After(said)}", known.Fix with { Text = FixOf(known.Fault, Case.After(said)) }, [.. disagreeing.Union(refused).Union(ofThePage)], Chain(@case, health, refused));
            yield break;
        }

        var isTold = said.Contains("clocks of", StringComparison.Ordinal);
        var clock = SkewedClock(@case);
        if (isTold || clock is not null)
        {
            yield return Cause("signing", FaultCodes.ClockSkew, isTold ? Case.After(said) : Describe(clock!.Value.Item),
                new Fix("Set the clocks of both machines, for example by NTP."),
                [.. disagreeing.Union(@case.Where(f => f.Id == "startup.clocks" || (IsRefusedToken(f) && ReasonOf(f) is "expired" or "not_yet_valid")))],
                clock is { } seen ? [seen.Arrow(Describe(seen.Item), "what one clock calls valid is not valid by the other"), .. Chain(@case, health, refused).Skip(1)] : Chain(@case, health, refused));
            yield break;
        }

        // They agree by their own word, yet tokens are refused: the reason that the backend gives decides.
        foreach (var group in @case.Unclaimed.Where(IsRefusedToken).GroupBy(f => FaultOf(ReasonOf(f))).Where(g => g.Key is not null))
        {
            // Services use tokens as well: the backend cannot read the feed of users with one that has expired.
            var ids = group.Select(f => f.Id).Union(group.Key == FaultCodes.ShortTokens ? @case.Where(f => f.Id == "journey.token.verifies" || SyncRules.IsAboutTheReplica(f)) : []).ToList();
            yield return Cause("signing", group.Key!, $"{(IsAuth(group.First()) ? "Auth" : "The backend")} refuses tokens that auth has just made as {ReasonOf(group.First())}.", new Fix(FixOf(group.Key!, "")), [.. ids.Union(@case.Where(f => f.Id == "startup.keys.agree"))], Chain(@case, health, ids, isShort: group.Key == FaultCodes.ShortTokens));
        }
    }

    /// <summary>A good token was refused for what it is; whether it arrived at all is another matter.</summary>
    public static bool IsRefusedToken(Finding finding) => ReasonOf(finding) is not null;

    /// <summary>
    /// By what failed: a check that sends bad tokens on purpose sees refusals that are right, and says so when its good one is refused.
    /// </summary>
    private static string? ReasonOf(Finding finding)
    {
        if (finding.Reason is { } said && Closed().Match(said) is { Success: true } closed) return closed.Groups["reason"].Value;
        var isWanted = finding.Reason?.Contains("401 invalid_token instead of 2", StringComparison.Ordinal) == true;
        var refusedControl = isWanted ? finding.Evidence.LastOrDefault(e => e is HttpExchange { IsControl: true, Status: 401 }) : null;
        return (refusedControl ?? Case.LastExchange(finding)) switch
        {
            // Auth takes what it has signed, but for what time does to it.
            HttpExchange { Status: 401, Code: "invalid_token", From.Service: { } by } http when (isWanted || finding.Check != "jwt") && (by != "auth" || http.Error == "expired") => http.Error ?? "invalid",
            SocketExchange { CloseCode: 4002 } socket when finding.Check != "jwt" => socket.CloseText?.Split(": ", 2).ElementAtOrDefault(1) ?? "invalid",
            SocketExchange { CloseCode: 4003 } when finding.Check != "jwt" => "expired", // no other check keeps a socket for as long as a token lasts
            _ => isWanted ? "invalid" : null,
        };
    }

    private static bool IsAuth(Finding finding) => Case.LastExchange(finding) is HttpExchange { From.Service: "auth" };

    /// <remarks><c>the socket closed with 4002 (invalid token: bad_signature) before hello</c></remarks>
    [GeneratedRegex(@"closed with 4002 \(invalid token: (?<reason>\w+)\) before")]
    private static partial Regex Closed();

    private static string? FaultOf(string? reason) => reason switch
    {
        "unknown_key" or "bad_signature" => FaultCodes.DifferentKeys,
        "wrong_algorithm" => FaultCodes.DifferentAlgorithms,
        "wrong_issuer" => FaultCodes.DifferentIssuers,
        "wrong_audience" => FaultCodes.DifferentAudiences,
        "invalid_claims" => FaultCodes.DifferentClaims,
        "not_yet_valid" => FaultCodes.ClockSkew,
        "expired" => FaultCodes.ShortTokens,
        _ => null,
    };

    private static string FixOf(string fault, string said) => fault switch
    {
        FaultCodes.DifferentSecrets => "Set JWT_SECRET_KEY to the same value for auth and backend (the environment of the launcher, settings/auth.json, settings/backend.json), and restart both.",
        FaultCodes.DifferentKeys => "Let the backend read the keys of the auth that signs: look at what answers /.well-known/jwks at auth's address, and at Services:auth of the backend.",
        FaultCodes.ShortTokens => "Raise Tokens:AccessLifetime of auth, and compare the clocks.",
        FaultCodes.ClockSkew => "Set the clocks of both machines, for example by NTP.",
        _ => said.LastIndexOf(": ", StringComparison.Ordinal) is var at and > 0 ? char.ToUpperInvariant(said[at + 2]) + said[(at + 3)..] : "Let auth and backend run the same release, with the same Auth:Issuer.",
    };

    private static IReadOnlyList<Arrow> Chain(Case @case, Seen<HealthLook> health, IReadOnlyList<string> refused, bool isShort = false)
    {
        var first = @case.Failed.FirstOrDefault(f => refused.Contains(f.Id));
        var disagree = health.Arrow(isShort ? "auth makes tokens that run out at once" : "auth and backend do not agree", "auth's tokens are refused");
        return first is null ? [disagree] : [disagree, new Arrow("auth's tokens are refused", first.Id, first.Id, first.Evidence.Count - 1)];
    }

    private static Seen<ClockLook>? SkewedClock(Case @case) => Case.FirstOrNull(@case.Looks<ClockLook>().Where(c => Math.Abs(c.Item.AheadSeconds) > ClockLook.AllowedSeconds));

    private static string Describe(ClockLook look) => $"The clock of {look.Service} is {Math.Abs(look.AheadSeconds):0} s {(look.AheadSeconds > 0 ? "ahead of" : "behind")} this machine's.";
}
