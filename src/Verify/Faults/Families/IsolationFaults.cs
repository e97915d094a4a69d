using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>One user's answers for another.</summary>
internal static class IsolationFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new InFront("answers-shared", "isolation", "What stands in front of the backend keeps answers by their path, whoever asks", "backend", _ => new SharesAnswers(), MixesAsync) { Expected = $"proxy.{MixesUsers}", Checks = [2, 8] },
        new InFront("identities-swapped", "isolation", "What stands in front of the backend asks for everybody with the first user's token", "backend", _ => new SwapsIdentities(), MixesAsync) { Expected = $"proxy.{MixesUsers}", Checks = [2, 8] },
        new InFront("absence-told", "isolation", "What stands in front of the backend answers 403 where there is nothing", "backend", _ => new ForbidsWhatIsAbsent(), async (rig, stop) =>
            {
                var (_, member) = await rig.NewMemberAsync(stop);
                return (await rig.AskAsync(Oracles.FrontUrl(rig, "backend", $"/api/threads/{Guid.NewGuid()}"), stop, member.AccessToken)).Status == 403;
            }) { Expected = $"proxy.{Answers}", Checks = [1, 2, 8] },
    ];
}
