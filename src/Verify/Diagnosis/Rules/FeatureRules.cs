using System.Globalization;
using Throughline.Verify.Checks;
using Throughline.Verify.Checks.Tokens;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>Quotas that let too much or too little through: counted by the checks, or a refusal where nothing was used up.</summary>
internal sealed class LimitRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        var faults = @case.Unclaimed.OrderBy(f => f.EndedAt).Select(f => (Finding: f, Fault: FaultOf(f))).Where(f => f.Fault is not null).ToList();
        // A tier is counted on top of the one before, so the first count that is wrong tells how, and the others follow from it.
        var first = faults.FirstOrDefault(f => IsOfMessages(f.Finding)).Fault;
        foreach (var group in faults.GroupBy(f => IsOfMessages(f.Finding) ? first!.Value : f.Fault!.Value))
            yield return CauseOf(group.Key.Service, group.Key.Code, group.First().Finding, [.. group.Select(f => f.Finding.Id)]);
    }

    private static Cause CauseOf(string service, string code, Finding first, IReadOnlyList<string> explains) => Cause(
        service, code,
        code == FaultCodes.LimiterOff
            ? $"A limit of {service} does not hold: {first.Reason}."
            : $"A limit of {service} refuses what its quota has room for: {first.Reason}.",
        new Fix(service == "auth" ? "Look at the section Accounts of auth's settings." : "Look at Limits of the backend's settings, and at /api/limits of the user."
            + (IsOfMessages(first) ? " If that is what users are promised, say so: messages in settings/verify.json." : "")),
        explains, new Arrow(code == FaultCodes.LimiterOff ? "more is let through" : "less is let through", first.Id, first.Id, Math.Max(0, first.Evidence.Count - 1)));

    public static bool IsRefusedByLimit(Finding finding) => FaultOf(finding) is { Code: FaultCodes.LimiterStrict };

    private static bool IsOfMessages(Finding finding) => finding.Id.StartsWith("limits.messages", StringComparison.Ordinal) || finding.Id == "limits.http.refused";

    private static (string Service, string Code)? FaultOf(Finding finding)
    {
        if (finding.Reason?.Contains(" answered 5", StringComparison.Ordinal) == true) return null; // that something failed, a control perhaps, says nothing of limits
        var last = Case.LastExchange(finding);
        var isMore = finding.Reason?.Contains("instead of 429", StringComparison.Ordinal) == true;
        if (finding.Check == "limits")
        {
            var service = finding.Id.StartsWith("limits.login", StringComparison.Ordinal) ? "auth" : "backend";
            foreach (var counted in Case.Of<Comparison>([finding]).Where(c => c.Item.What == "the messages that were let through"))
                if (Number(counted.Item.Expected) is { } quota && Number(counted.Item.Actual) is { } passed)
                    return (service, passed > quota ? FaultCodes.LimiterOff : FaultCodes.LimiterStrict);
            if (isMore && last is HttpExchange { Status: 200 or 204 or 400 or 401 }) return (service, FaultCodes.LimiterOff);
            if (Case.Of<Comparison>([finding]).Any(c => c.Item is { Expected: "rate_limited", Actual: "ack" })) return (service, FaultCodes.LimiterOff);
        }

        // A refusal that was meant may be what came last before nothing came in time.
        var isMissing = finding.Reason is { } reason && (reason.StartsWith("not within", StringComparison.Ordinal) || reason.StartsWith("the connection broke", StringComparison.Ordinal) || reason.StartsWith("the socket took no frame", StringComparison.Ordinal));
        return last is HttpExchange { Status: 429 } http && !isMore ? (http.From?.Service == "auth" ? "auth" : "backend", FaultCodes.LimiterStrict)
            : !isMissing && (last is SocketExchange { Errors: [.., "rate_limited" or "quota_exhausted"] } || finding.Reason?.Contains("rate_limited", StringComparison.Ordinal) == true) ? ("backend", FaultCodes.LimiterStrict)
            // The socket of a control counts, too: it had to open.
            : finding.Evidence.Any(e => e is SocketExchange { HttpStatus: 429 }) || finding.Reason?.Contains("'429' when status code '101'", StringComparison.Ordinal) == true ? ("backend", FaultCodes.LimiterStrict)
            : null;
    }

    private static decimal? Number(string text) => decimal.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Changes at auth that do not reach the backend.</summary>
internal sealed class SyncRules : IRule
{
    private const double WaitsForUserMs = 2000;

    public IEnumerable<Cause> Find(Case @case)
    {
        if (@case.Unclaimed.FirstOrDefault(f => f.Id == "sync.reconcile.zero" && Case.Of<Comparison>([f]).Any()) is { } diverging)
            yield return Cause(
                "backend", FaultCodes.CopyDiverges, $"The backend's copy of the users is not what auth has: {diverging.Reason}.", new Fix("Let the backend take over what auth has: throughline reconcile --repair"),
                [diverging.Id, .. Behind(@case, @case.Unclaimed).Where(f => f.Check == "sync" && f.Measurement is null).Select(f => f.Id)], new Arrow("rows of the copy differ", diverging.Id, diverging.Id, diverging.Evidence.Count - 1));
        var behind = Behind(@case, @case.Unclaimed).ToList();
        if (behind.Count == 0) yield break;
        if (behind.Where(ArrivesLate).ToList() is [var late, ..] && @case.Failed.All(f => IsAboutTheReplica(f) || !TimingRules.IsLate(f)))
        {
            yield return Cause(
                "backend", FaultCodes.SyncSlow, $"Changes at auth reach the backend, but late, and nothing else is late: {late.Reason}.",
                new Fix("Look at the way from the backend to auth (Services:auth in settings/backend.json) and at what it passes."), [.. behind.Select(f => f.Id)],
                [new Arrow("changes arrive late", late.Id, late.Id, Math.Max(0, late.Evidence.Count - 1))]);
            yield break;
        }

        // What was measured has arrived, and what a limit refused tells nothing of the feed.
        behind.RemoveAll(f => f.Measurement is { Unit: "ms" } || (f.Check != "limits" && LimitRules.IsRefusedByLimit(f)));
        if (behind.Count == 0) yield break;
        var first = behind[0];
        var health = @case.HealthOf("backend");
        var said = health?.Item.Dependencies.GetValueOrDefault("auth-feed");
        var isAdmitted = said is not null && !said.StartsWith("healthy", StringComparison.Ordinal);
        if (!isAdmitted && TiersLeftBehind(@case) is { Count: > 0 } tiers)
        {
            // Where no other change arrives either, it is not the tiers.
            var changes = behind.Where(f => f.Id is "sync.update.time" or "sync.update.ordered" or "sync.conflict" or "sync.disable").ToList();
            yield return Cause(
                "backend", FaultCodes.CopyDiverges, $"{(changes.Count == 0 ? "Changes of users at auth reach the backend, but not their tiers" : "New users reach the backend, but what changes of them at auth does not")}: {tiers[0].Reason}.",
                new Fix("Let the backend take over what auth has, throughline reconcile --repair; where it is wrong again after the next change, put the release of the backend before this one back."),
                [.. tiers.Concat(changes).Select(f => f.Id).Distinct()], new Arrow("a new tier does not arrive", tiers[0].Id, tiers[0].Id, Math.Max(0, tiers[0].Evidence.Count - 1)));
            yield break;
        }

        // While it claims to follow, one late change is not enough to say that it does not; nor are several, where others arrived. Where no change but the end of
        // a session was looked at, that is all there is to go by.
        if (!isAdmitted && (behind.Count(f => f.Check != "limits") < 2 || @case.Holds(behind.Any(ShowsTheCopy) ? ShowsTheCopy : IsAboutTheReplica))) yield break;
        List<Arrow> chain = [new("changes at auth do not arrive", first.Id, first.Id, Math.Max(0, first.Evidence.Count - 1))];
        if (health is { } h && isAdmitted) chain.Insert(0, h.Arrow("the backend does not read auth's feed", "changes at auth do not arrive"));
        yield return Cause(
            "backend", FaultCodes.SyncStopped, isAdmitted ? $"The backend does not follow auth's feed of users: {Case.After(said!)}" : "Changes of users at auth do not reach the backend, which calls its feed healthy.",
            new Fix("Look at what stands between backend and auth (Services:auth in settings/backend.json), and restart the backend. Compare afterwards: throughline reconcile"),
            [.. behind.Select(f => f.Id).Union(@case.Unclaimed.Where(IsOfAnUnknownUser).Select(f => f.Id)).Union(isAdmitted ? @case.Where(f => f.Id == "startup.ready.backend") : [])], chain);
    }

    /// <summary>For a user of whom the feed has told nothing the backend waits two seconds; then it has no profile for it, and the smallest quota.</summary>
    public static bool IsOfAnUnknownUser(Finding finding) =>
        Case.LastExchange(finding) is HttpExchange { Status: 503 } http ? new Uri(http.Url).AbsolutePath == "/api/me"
        : TimingRules.IsLate(finding) && (Case.LastExchange(finding) is null || Case.Touches(finding, "backend")) && (finding.Measurement?.Value ?? WaitsForUserMs) >= WaitsForUserMs;

    /// <summary>Measured, by a factor that no busy machine accounts for while all else is in time; or out of time, though the copy was seen to move.</summary>
    private static bool ArrivesLate(Finding finding) =>
        finding.Measurement is { Unit: "ms" } measured ? measured.Value > measured.Limit * 1.5
        : finding.Id == "sync.update.ordered" && Case.Of<Comparison>([finding]).Any(c => c.Item.What == "the name in the backend" && c.Item.Actual.StartsWith("Name ", StringComparison.Ordinal));

    /// <summary>What fails where the copy does not follow. Without its new tier nobody has a new quota.</summary>
    public static IEnumerable<Finding> Behind(Case @case, IEnumerable<Finding> among)
    {
        var hasOldTiers = @case.Failed.Any(f => f.Id == "limits.messages.tier");
        return among.Where(f => (IsAboutTheReplica(f) && f.Id != "sync.reconcile.zero") || f.Reason?.Contains(Asker.TierDidNotArrive, StringComparison.Ordinal) == true || (hasOldTiers && f.Id is "limits.messages.early" or "limits.messages.mid" or "limits.messages.enterprise"));
    }

    /// <summary>What holds only where changes arrive; revocations have a faster way as well.</summary>
    private static bool ShowsTheCopy(Finding finding) => finding.Check == "sync" || finding.Id == "journey.profile.synced";

    /// <summary>What fails because a tier does not arrive, where it is said not to and other changes did.</summary>
    private static List<Finding> TiersLeftBehind(Case @case) =>
        @case.Says(Asker.TierDidNotArrive) && @case.Holds(ShowsTheCopy)
            ? [.. Behind(@case, @case.Unclaimed).Where(f => f.Check == "limits" || f.Reason!.Contains(Asker.TierDidNotArrive, StringComparison.Ordinal))]
            : [];

    public static bool IsAboutTheReplica(Finding finding) =>
        ShowsTheCopy(finding) || finding.Id is "journey.logout.http" or "journey.logout.socket" or "jwt.refresh.family" or "jwt.refresh.sockets" or "limits.messages.tier"
        || finding.Id is "jwt.reject.revoked_session" or "jwt.reject.disabled_user" || finding.Id.StartsWith("persistence.revoked.", StringComparison.Ordinal);
}

/// <summary>Closes and refusals of the socket that nothing deeper explains: each code of the protocol is another fault.</summary>
internal sealed class SocketRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var group in @case.Unclaimed.Select(f => (Finding: f, Socket: SocketOf(f))).Where(f => f.Socket is not null && FaultOf(f.Finding, f.Socket) is not null).GroupBy(f => FaultOf(f.Finding, f.Socket!)!.Value.Code))
        {
            var (finding, socket) = group.First();
            var (code, sentence, fix) = FaultOf(finding, socket!)!.Value;
            yield return Cause(
                "backend", code, sentence, new Fix(fix), [.. group.Select(f => f.Finding.Id)],
                new Arrow(socket!.CloseCode is { } close ? $"closed with {close}" : $"HTTP {socket.HttpStatus}", finding.Id, finding.Id, finding.Evidence.Count - 1));
        }
    }

    private static SocketExchange? SocketOf(Finding finding) =>
        Case.Of<SocketExchange>([finding]).Select(s => s.Item).LastOrDefault(s => s.HttpStatus is not null || s.CloseCode is not null);

    private static (string Code, string Sentence, string Fix)? FaultOf(Finding finding, SocketExchange? socket) => socket switch
    {
        { HttpStatus: 503 } => (FaultCodes.AtCapacity, "The backend takes no further socket (HTTP 503 at the upgrade).", "Raise Gateway:MaxConnections of the backend, or start another node."),
        { HttpStatus: 403 } when RefusingTokens.SentAsPage(socket) && socket.Sent != RefusingTokens.SentByForeign => (FaultCodes.OriginRefused, "The backend refuses the page's origin (HTTP 403 at the upgrade).", "Start the stack once with --origin and the address that people open, or add that to Gateway:Origins of the backend; where it is there, mend what rewrites the header Origin."),
        { HttpStatus: { } status } and not { HttpStatus: 403 or 426 or 429 } => (FaultCodes.UpgradeRefused, $"The upgrade to a socket is refused with HTTP {status}.", "Look at what answers at the backend's WebSocket address."),
        { CloseCode: 4001, Carrier: not "none" } => (FaultCodes.NoToken, "A token was sent, and the backend closes with 4001: none arrives there.", "Look at what stands between client and backend: it drops the Authorization header and the subprotocol."),
        { CloseCode: 4004 } when !SyncRules.IsAboutTheReplica(finding) => (FaultCodes.SessionRevoked, "The backend closes a good session's socket with 4004 (session revoked).", "Look at the session in auth's list of devices, and at the store that carries revocations."),
        { CloseCode: 4005 } => (FaultCodes.ProtocolErrors, "The backend closes with 4005: frames do not arrive as they were sent.", "Look at what stands between client and backend."),
        { CloseCode: 4008 } => (FaultCodes.TooFewSockets, "The backend closes a user's older socket with 4008: it allows fewer than the protocol's ten.", "Raise Gateway:SocketsPerUser of the backend."),
        { CloseCode: 1009 } => (FaultCodes.FrameTooBig, "The backend closes with 1009: it takes smaller frames than the protocol's 256 KiB.", "Raise Gateway:MaxFrameBytes of the backend."),
        { CloseCode: 4029 } => (FaultCodes.TooManyRefusedFrames, "The backend closes with 4029: too many frames were refused.", "Look at the limits of the user."),
        _ => null,
    };
}

/// <summary>A backend that is full and turns work away, by the problem type that is registered for it, while all that it needs is well.</summary>
internal sealed class LoadRules : IRule
{
    private const string ReducedCapacity = "#temporary-reduced-capacity";

    public IEnumerable<Cause> Find(Case @case)
    {
        List<string> explains = [.. @case.Unclaimed.Where(IsTurnedAway).Select(f => f.Id)];
        var fix = new Fix("Look at Overload of the backend's settings and at its metric backend.load; where the load is real, start another node.");
        if (Case.FirstOrNull(Case.Of<HttpExchange>(@case.Unclaimed).Where(s => s.Item is { Status: 503, Body: { } body } && body.Contains(ReducedCapacity, StringComparison.Ordinal))) is { } told)
            yield return Cause(
                "backend", FaultCodes.Overloaded, $"The backend is full, and turns work away: {Asked(told.Item)} answers 503 with the type {ReducedCapacity[1..]}, while all that it needs is well.",
                fix, explains, told.Arrow("the backend is full", "what is asked is turned away"));
        else if (@case.Unclaimed.Any(IsRefusedQuestion) && @case.HealthOf("backend") is { Item.Status: "healthy" } health && !@case.Looks<BreakerLook>().Any(b => b.Item.States.Values.Contains("open")))
            yield return Cause(
                "backend", FaultCodes.Overloaded, "The backend refuses questions as unavailable, while it calls itself and all that it needs healthy: as many run as may run at once.",
                fix, explains, health.Arrow("all that a run needs is well", "what is asked is turned away all the same"));
    }

    private static bool IsRefusedQuestion(Finding finding) => finding.Reason == "the question was refused with unavailable";

    public static bool IsTurnedAway(Finding finding) =>
        finding.Reason?.Contains("unavailable", StringComparison.Ordinal) == true
        || finding.Evidence.Any(e => e is HttpExchange { Status: 503, Code: "unavailable" } or Comparison { Actual: "unavailable" } || (e is SocketExchange socket && socket.Errors.Contains("unavailable")))
        || (finding.Check == "limits" && Case.Of<Comparison>([finding]).Any(c => c.Item.What == "the messages that were let through"));
}

/// <summary>Runs that end otherwise than completed, while all else works.</summary>
internal sealed class AgentRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        var bad = @case.Unclaimed.Where(f => Case.Of<Comparison>([f]).Any(c => c.Item is { What: "the run's status" or "the last event" or "the outcome of the run before it", Actual: not "completed" }) || f.Reason == RunEvents.NotFinished).ToList();
        if (bad.Count == 0) yield break;
        var first = bad[0];
        List<Arrow> chain = [new("an agent or tool fails", first.Id, first.Id, Math.Max(0, first.Evidence.Count - 1))];
        var said = "";
        if (bad.Select(f => @case.LogOf(f, "backend")).FirstOrDefault(l => l is not null) is { } log)
        {
            said = $" The backend's log of such a run: {Case.WordsOf(log.Item)}";
            chain.Insert(0, log.Arrow($"the backend logged: {Case.WordsOf(log.Item)}", "an agent or tool fails"));
        }

        yield return Cause(
            "backend", FaultCodes.AgentFails, $"Runs do not complete though they are taken: {first.Reason}.{said}", new Fix("Read what the agents and tools say: throughline logs backend"),
            [.. bad.Select(f => f.Id)], chain);
    }
}

/// <summary>What new users meet beside the services: their mail, and the page.</summary>
internal sealed class NewcomerRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        if (@case.Unclaimed.FirstOrDefault(f => f.Id == "journey.signup.mail" && f.Evidence.Any(e => e is HealthLook)) is { } mail)
            yield return Cause(
                "auth", FaultCodes.MailFails, $"Mail does not reach users: {Case.After(mail.Reason!)}", new Fix("Mend what auth says of its mail; until then nobody gets a code, and what is kept is sent afterwards."),
                [mail.Id], new Arrow("mail is not kept, or not taken", mail.Id, mail.Id, mail.Evidence.Count - 1));
        if (@case.Unclaimed.FirstOrDefault(f => f.Id == "journey.page.served" && f.Evidence.Any(e => e is HttpExchange { Status: 404 } or Comparison)) is { } page)
            yield return Cause(
                "frontend", FaultCodes.PageIncomplete, $"The public origin does not serve the page whole: {page.Reason}.", new Fix("Files of the page are gone or changed: install this release again, and restart the frontend."),
                [page.Id, .. @case.Unclaimed.Where(f => f.Id.StartsWith("journey.browser.", StringComparison.Ordinal)).Select(f => f.Id)],
                new Arrow("a part of the page is not as it was made", page.Id, page.Id, page.Evidence.Count - 1));
    }
}

/// <summary>A service that calls itself healthy and fails at what it is for.</summary>
internal sealed class FeatureRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var group in @case.Unclaimed.Select(f => (Finding: f, Http: ExchangeOf(f))).Where(f => f.Http is { Status: >= 500 } or { Failure: ExchangeFailure.Protocol }).GroupBy(f => (f.Http!.From?.Service ?? Verify.Cause.Unknown, PathOf(f.Http))).ToList())
        {
            var (service, path) = group.Key;
            var (finding, http) = group.First();
            var isFiles = path == "/api/files";
            var health = @case.HealthOf(service);
            List<Arrow> chain = [new($"{http!.Method} {path} answers {http.Status}", finding.Id, finding.Id, finding.Evidence.Count - 1)];
            if (health is { } h) chain.Insert(0, h.Arrow($"{service} calls itself {h.Item.Status}", $"{http.Method} {path} fails"));
            var said = "";
            if (@case.LogOf(finding, service) is { } log)
            {
                said = $" Its log of that: {Case.WordsOf(log.Item)}";
                chain.Add(log.Arrow($"{service} logged: {Case.WordsOf(log.Item)}", $"{http.Method} {path} fails"));
            }

            yield return Cause(
                service, isFiles ? FaultCodes.FilesUnwritable : FaultCodes.HealthyButBroken,
                $"{ProcessRules.Capital(service)} calls itself {health?.Item.Status ?? "nothing"}, but {http.Method} {path} answers {http.Status} {http.Code}.".Replace(" .", ".", StringComparison.Ordinal) + said,
                new Fix(isFiles ? "Look at the folder files/ of the state: it must be a folder that the backend can write." : $"Read what {service} logged for the trace {http.TraceId ?? "of that request"}: throughline logs {service}"),
                [.. group.Select(f => f.Finding.Id)], chain);
        }
    }

    /// <summary>The exchange that failed; a control that did so ends the assertion as well.</summary>
    private static HttpExchange? ExchangeOf(Finding finding) => finding.Reason?.Contains(" answered 5", StringComparison.Ordinal) == true
        ? finding.Evidence.OfType<HttpExchange>().LastOrDefault(h => h.Status >= 500)
        : Case.LastExchange(finding) as HttpExchange;

    private static string PathOf(HttpExchange http)
    {
        var parts = new Uri(http.Url).AbsolutePath.Split('/');
        return string.Join('/', parts.Take(3));
    }
}

/// <summary>What is right, but late: of the service's control group where that holds it back, of the machine where it is busy, else of the service.</summary>
internal sealed class TimingRules : IRule
{
    /// <summary>Runnable processes for each core beyond which nothing can be said of a service's own speed.</summary>
    private const double BusyPerCore = 2;

    /// <summary>What a busy machine adds at the most, while nearly all else is in time: a second, or three times the limit where that is more.</summary>
    private const double BusyMs = 1000;
    private const double BusyLimits = 3;

    /// <summary>How many came late for each that did not come.</summary>
    private const int MeasuredForMissing = 3;

    public IEnumerable<Cause> Find(Case @case)
    {
        var late = @case.Unclaimed.Where(IsLate).ToList();
        if (late.Count == 0) yield break;
        foreach (var group in late.GroupBy(ServiceOf).ToList())
            if (GroupRules.HeldBack(@case, group.Key, group.Select(f => f.Id)) is { } held)
            {
                yield return held;
                late.RemoveAll(group.Contains);
            }

        if (Case.FirstOrNull(@case.Looks<MachineLook>()) is { Item: { Load: { } load } } machine && load > machine.Item.Cores * BusyPerCore && OfTheMachine(late) is { Count: > 0 } slowed)
        {
            yield return Cause(
                "machine", FaultCodes.Busy, string.Create(CultureInfo.InvariantCulture, $"The machine is busy (load {load:0.0} on {machine.Item.Cores} cores): {(slowed.Count == 1 ? "one limit of time was" : $"{slowed.Count} limits of time were")} missed."),
                new Fix("Run again when the machine is quiet, or give --slack."), [.. slowed.Select(f => f.Id)], machine.Arrow("more runs than there are cores", "answers are late"));
            late.RemoveAll(slowed.Contains);
        }

        foreach (var group in late.GroupBy(ServiceOf).Where(g => g.Count() > 1 && g.Any(IsMeasured)))
        {
            var first = group.First(IsMeasured);
            yield return Cause(
                group.Key, FaultCodes.Slow, $"{ProcessRules.Capital(group.Key)} is slow: {first.Reason}.", new Fix($"Look at the load of {group.Key}, and at what it waits for: throughline logs {group.Key}"), [.. group.Select(f => f.Id)],
                new Arrow($"{group.Key} answers late", first.Id, first.Id, Math.Max(0, first.Evidence.Count - 1)));
        }
    }

    /// <summary>A close that is due and does not come is no matter of time.</summary>
    public static bool IsLate(Finding finding) =>
        IsMeasured(finding) || (finding.Reason is { } reason && !reason.EndsWith(ProbeSocket.StayedOpen, StringComparison.Ordinal)
            && (reason.StartsWith("not within", StringComparison.Ordinal) || reason.Contains(" ms is over the limit", StringComparison.Ordinal)));

    /// <summary>
    /// A busy machine shows in what was measured first of all. Where little came late, what did not come at all was kept back by something else.
    /// </summary>
    private static List<Finding> OfTheMachine(List<Finding> late)
    {
        var measured = late.Where(f => IsMeasured(f) && f.Measurement is { } m && m.Value - m.Limit <= Math.Max(BusyMs, BusyLimits * m.Limit)).ToList();
        var missing = late.Where(f => !IsMeasured(f)).ToList();
        return [.. measured, .. measured.Count >= MeasuredForMissing * missing.Count ? missing : []];
    }

    private static bool IsMeasured(Finding finding) => finding.Measurement is { Unit: "ms", Margin: < 0 };

    private static string ServiceOf(Finding finding) => Case.LastExchange(finding) switch
    {
        HttpExchange http => http.From?.Service ?? "backend",
        _ => "backend",
    };
}
