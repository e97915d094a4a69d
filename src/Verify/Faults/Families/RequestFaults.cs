using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>The way of requests and their answers, where sockets pass as they should.</summary>
internal static class RequestFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new InFront("request-token-stripped", "requests", "What stands in front of the backend takes the token out of requests, and leaves it to sockets", "backend", _ => new StripsRequestTokens(), async (rig, stop) =>
            {
                var (_, member) = await rig.NewMemberAsync(stop);
                return (await rig.AskAsync(Oracles.FrontUrl(rig, "backend", "/api/me"), stop, member.AccessToken)).Status == 401 && (await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/api/me"), stop, member.AccessToken)).Status == 200;
            }) { Expected = $"proxy.{TokenStripped}", Checks = [1, 2] },
        new InFront("token-endpoint-fails", "requests", "What stands in front of auth fails at the token endpoint alone", "auth", _ => new FailsAt("/connect/token"), async (rig, stop) =>
            (await rig.AskAsync(Oracles.FrontUrl(rig, "auth", "/connect/token"), stop)).Status == 500 && (await rig.ServiceTokenAsync("frontend", stop)).Status == 200) { Expected = $"proxy.{Answers}", Checks = [1, 2] },
        new InFront("auth-far-away", "requests", "Between clients and auth each piece takes 600 ms", "auth", _ => new ProxyBehaviour { IsRaw = true, Delay = TimeSpan.FromMilliseconds(600) }, async (rig, stop) =>
            {
                var began = rig.Time.GetTimestamp();
                return (await rig.AskAsync(Oracles.FrontUrl(rig, "auth", "/health/live"), stop)).Status == 200 && rig.Time.GetElapsedTime(began) > TimeSpan.FromSeconds(1);
            }) { Expected = $"proxy.{Slow}", Checks = [1, 2] },
    ];
}
