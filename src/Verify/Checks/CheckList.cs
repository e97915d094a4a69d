using Throughline.Verify.Checks.Composition;
using Throughline.Verify.Checks.Isolation;
using Throughline.Verify.Checks.Journey;
using Throughline.Verify.Checks.Limits;
using Throughline.Verify.Checks.Persistence;
using Throughline.Verify.Checks.Pipeline;
using Throughline.Verify.Checks.Recovery;
using Throughline.Verify.Checks.Startup;
using Throughline.Verify.Checks.Sync;
using Throughline.Verify.Checks.Tokens;

namespace Throughline.Verify;

/// <summary>All parts of all checks, like a contents page.</summary>
internal static class CheckList
{
    public static IReadOnlyList<CheckPart> All() =>
    [
        new RunningServices(), new StartingAndStopping(), new RefusedStarts(),
        new JourneyCheck(), new BrowserJourney(),
        new TimingTokens(), new AcceptingTokens(), new RefusingTokens(), new RefreshingTokens(), new ExpiringTokens(),
        new TimingAnswers(), new AnsweringQuestions(), new HandlingTrouble(), new MeetingPoorParts(),
        new TimingSync(), new SyncingUsers(), new SyncingThroughKills(),
        new SurvivingKills(),
        new SeparatingUsers(), new SlowConsumer(),
        new LimitingMessages(), new WaitingForQuota(),
        new LosingTheStore(),
        new ComposingServices(),
    ];
}
