using System.Text.RegularExpressions;
using Throughline.Verify.Checks;
using Throughline.Verify.Checks.Isolation;
using Throughline.Verify.Checks.Journey;
using Throughline.Verify.Checks.Persistence;
using Throughline.Verify.Checks.Recovery;
using Throughline.Verify.Checks.Sync;
using Throughline.Verify.Checks.Tokens;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>
/// What a service does is the opposite of what it promises, while all that it needs and all that stands around it is well: then it is the program
/// itself, or what it was told. Of these the worst come first, since they are no outage, and nobody else would notice.
/// </summary>
internal sealed partial class PromiseRules : IRule
{
    private static readonly Promise[] Promises =
    [
        new(FaultCodes.LetsIn, IsLetIn, (service, first) => $"{service} lets in who must be refused ({SentIn(first)}): {first.Reason}."),
        new(FaultCodes.MixesUsers, ShowsAnothers, (service, first) => $"{service} shows or lets one user change what is another's: {first.Reason}."),
        new(FaultCodes.GrantsTooMuch, IsGift, (service, first) => $"{service} gives new accounts what nobody gave them: {first.Reason}."),
        new(FaultCodes.WrongFigures, HasWrongFigures, (service, first) => $"{service} answers with figures that the same rows do not give: {first.Reason}."),
        new(FaultCodes.Forgets, IsForgotten, (service, first) => $"{service} does not keep what it has acknowledged: {first.Reason}."),
        new(FaultCodes.KeepsDeleted, f => KeptIn(f) is not null, (service, first) => $"{service} keeps what its owner has deleted: {first.Reason}."),
        new(FaultCodes.LosesEvents, f => IsSequence(f, SequenceGap.IsLoss), (service, first) => $"{service} does not send all events of a thread: {first.Reason}."),
        new(FaultCodes.RepeatsEvents, f => IsSequence(f, written => !SequenceGap.IsLoss(written)), (service, first) => $"{service} sends events of a thread twice or out of order: {first.Reason}."),
        new(FaultCodes.LosesRuns, IsNotTakenUp, (service, first) => $"{service} does not take up what it was at when it was killed: {first.Reason}."),
        new(FaultCodes.DoesNotTryAgain, IsGivenUp, (service, first) => $"{service} does not call again what it has given up, though that is back: {first.Reason}."),
        new(FaultCodes.DoesNotRestart, DidNotComeBack, (service, first) => $"{service} does not start again what was killed: {first.Reason}."),
    ];

    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var promise in Promises)
            foreach (var group in @case.Unclaimed.Where(f => promise.IsBroken(f) && !IsSeenFromAfar(@case, f)).GroupBy(f => ServiceOf(@case, f)).ToList())
            {
                // A socket that stays open is what comes of it, and words alone show less than what was seen.
                var first = group.OrderBy(f => EndsWith(f, ProbeSocket.StayedOpen)).ThenBy(f => f.Evidence.Count == 0).ThenBy(f => f.EndedAt).First();
                List<string> explains = [.. group.Select(f => f.Id)];
                // Whoever loses events may lose the one that is waited for; where they are not in the log, whoever reads it has not got them either.
                if (promise.Code == FaultCodes.LosesEvents)
                    explains.AddRange(@case.Unclaimed.Where(f => WaitsForAnEvent(f) || (group.Any(HasHoles) && ReadsThreads(f))).Select(f => f.Id).Except(explains));
                // Whoever is of a higher tier has a larger quota.
                if (promise.Code == FaultCodes.GrantsTooMuch && group.Any(IsGiftOfTier))
                    explains.AddRange(@case.Unclaimed.Where(f => f.Id.StartsWith("limits.messages.", StringComparison.Ordinal) || f.Id.StartsWith("limits.http.", StringComparison.Ordinal)).Select(f => f.Id).Except(explains));
                // What it has given up it has not got, for whatever that was needed.
                if (promise.Code == FaultCodes.DoesNotTryAgain)
                    explains.AddRange(@case.Unclaimed.Where(f => f.Check == first.Check && TimingRules.IsLate(f)).Select(f => f.Id).Except(explains));
                yield return Cause(
                    group.Key, promise.Code, promise.Sentence(ProcessRules.Capital(group.Key), first), FixOf(promise.Code, group.Key), explains,
                    new Arrow($"{group.Key} does so by itself", first.Id, first.Id, Math.Max(0, first.Evidence.Count - 1)));
            }
    }

    private static Fix FixOf(string code, string service) => new(code switch
    {
        FaultCodes.LetsIn or FaultCodes.MixesUsers or FaultCodes.GrantsTooMuch => $"Take {service} out of service now, and put the release before this one back. Look through what was done meanwhile: throughline audit show",
        FaultCodes.WrongFigures => $"Do not go by its figures. Put the release of {service} before this one back, ask again, and compare the list of prices.",
        FaultCodes.Forgets => $"Look who else writes to the database of {service}: rows that it wrote are gone or changed. Restore it from a backup, or put the release of {service} before this one back.",
        FaultCodes.LosesEvents or FaultCodes.RepeatsEvents => $"Read the same thread over HTTP (GET /api/threads/{{id}}/events): where it is right there, a reload shows all, and the release of {service} before this one is to be put back; where it is not, something takes rows out of its database.",
        FaultCodes.LosesRuns => $"Ask again where an answer stands still. Read what {service} says at its start: throughline logs {service}; put the release of {service} before this one back.",
        FaultCodes.KeepsDeleted => $"Put the release of {service} before this one back. What stands there already has to go, too: its owner has a right to that.",
        FaultCodes.DoesNotTryAgain => $"Start {service} again, which lets it call what it needs; and put the release of it before this one back.",
        _ => "Start it by hand: throughline down, then throughline up; look at what the launcher says: throughline status",
    });

    /// <summary>What nothing does that is only slow.</summary>
    public static bool IsNoMatterOfTime(Finding finding) => IsTaken(finding) || ShowsAnothers(finding) || HasWrongFigures(finding) || IsSequence(finding, _ => true);

    /// <summary>A credential that had to be refused, or a socket that had to be closed with it.</summary>
    private static bool IsLetIn(Finding finding) => IsTaken(finding) || EndsWith(finding, SystemUnderTest.StillTaken)
        || (finding.Id == JourneyCheck.PageKeepsOthersOutId && AnsweredAtAll().IsMatch(finding.Reason ?? ""))
        || ((finding.Id is "jwt.expiry.closed" or RefreshingTokens.ForeignId || SyncRules.IsAboutTheReplica(finding)) && EndsWith(finding, ProbeSocket.StayedOpen));

    private static bool IsTaken(Finding finding) => finding.Reason is { } reason && (reason == ProbeSocket.Greeted || AnsweredInsteadOfRefusal().IsMatch(reason));

    private static bool ShowsAnothers(Finding finding) => finding.Check == "isolation" && finding.Reason is { } reason
        && (reason.StartsWith(SeparatingUsers.Leak, StringComparison.Ordinal) || AnsweredInsteadOfNothing().IsMatch(reason)
            || Case.Of<Comparison>([finding]).Any(c => c.Item is { What: SeparatingUsers.AnswerToStranger, Actual: not "not_found" }));

    private static bool IsGift(Finding finding) => IsGiftOfTier(finding) || Case.Of<Comparison>([finding]).Any(c => c.Item.What == JourneyCheck.NewRole);

    private static bool IsGiftOfTier(Finding finding) => Case.Of<Comparison>([finding]).Any(c => c.Item.What == JourneyCheck.NewTier);

    private static bool HasWrongFigures(Finding finding) => finding.Reason is { } reason && UsageSample.IsWrongFigure(reason);

    /// <summary>To whom has looked at no service itself, a cookie that is lost on the way looks like a session that auth does not keep.</summary>
    private static bool IsSeenFromAfar(Case @case, Finding finding) => finding.Reason == SignIn.NoCode && !@case.Looks<ServiceLook>().Any();

    /// <summary>What its owner was given a moment ago is not known, and the owner is.</summary>
    private static bool IsForgotten(Finding finding) => finding.Reason is { } reason && (reason == SignIn.NoCode || NotKnownAnyMore().IsMatch(reason));

    private static bool IsSequence(Finding finding, Func<string, bool> isSo) => Case.Of<Comparison>([finding]).Any(c => c.Item.What == Asking.SequenceNumbers && isSo(c.Item.Actual));

    private static bool WaitsForAnEvent(Finding finding) => TimingRules.IsLate(finding) && finding.Reason!.Contains("the end of run", StringComparison.Ordinal);

    private static bool HasHoles(Finding finding) => finding.Reason?.Contains(WrittenLog.LogIs, StringComparison.Ordinal) == true;

    private static bool ReadsThreads(Finding finding) => finding.Evidence.OfType<HttpExchange>().LastOrDefault() is { } last && new Uri(last.Url).AbsolutePath is var path
        && (path.StartsWith("/api/threads/", StringComparison.Ordinal) || path == "/api/agui");

    private static string? KeptIn(Finding finding) => Case.Of<Comparison>([finding]).Select(c => c.Item).FirstOrDefault(c => c.What == SyncingUsers.FilesWithDeleted)?.Actual;

    private static bool IsGivenUp(Finding finding) => EndsWith(finding, BreakerWatch.NeverHalfOpen);

    private static bool DidNotComeBack(Finding finding) => EndsWith(finding, Killing.DidNotComeBack);

    private static bool IsNotTakenUp(Finding finding) => EndsWith(finding, Flight.NotTakenUp);

    private static bool EndsWith(Finding finding, string words) => finding.Reason?.EndsWith(words, StringComparison.Ordinal) == true;

    private static string ServiceOf(Case @case, Finding finding) => finding switch
    {
        _ when DidNotComeBack(finding) => "launcher",
        _ when IsGift(finding) => "auth",
        _ when KeptIn(finding) is { } files => files.StartsWith("auth", StringComparison.Ordinal) ? "auth" : "backend",
        // Sockets of a session are closed once auth has revoked it.
        { Id: "jwt.refresh.sockets" } when @case.Unclaimed.FirstOrDefault(f => f.Id == "jwt.refresh.family" && IsLetIn(f)) is { } family => ServiceOf(@case, family),
        // Who may ask the frontend is for itself to say; the sessions that it keeps for a page are auth's.
        { Id: JourneyCheck.PageKeepsOthersOutId } => "frontend",
        _ when Case.LastExchange(finding) is HttpExchange { Url: { } url } && new Uri(url).AbsolutePath.StartsWith("/session", StringComparison.Ordinal) => "auth",
        _ => Case.LastExchange(finding) is HttpExchange { From.Service: { } service } ? service : "backend",
    };

    private static string SentIn(Finding finding) => Case.LastExchange(finding) is SocketExchange { Sent: { } sent } ? sent : finding.Id;

    /// <summary>Whoever gets to see whether something exists was let in, too.</summary>
    [GeneratedRegex(@" answered (2\d\d|403|404)\b.* instead of (401|400 invalid_grant)")]
    private static partial Regex AnsweredInsteadOfRefusal();

    [GeneratedRegex(@" answered 2\d\d\b.* instead of 403")]
    private static partial Regex AnsweredAtAll();

    [GeneratedRegex(@" answered (404 not_found|400 invalid_grant|401 invalid_credentials|401 session_ended) instead of 20\d| was (answered|refused) with not_found")]
    private static partial Regex NotKnownAnyMore();

    [GeneratedRegex(@" answered 2\d\d\b.* instead of 404")]
    private static partial Regex AnsweredInsteadOfNothing();

    /// <param name="Sentence">Of the service and the first failure.</param>
    private sealed record Promise(string Code, Func<Finding, bool> IsBroken, Func<string, Finding, string> Sentence);
}
