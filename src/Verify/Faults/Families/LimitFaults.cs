using static Throughline.Verify.FaultCodes;

namespace Throughline.Verify.Faults;

/// <summary>Quotas that let too much or too little through.</summary>
internal static class LimitFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new InFront("refusals-hidden", "limits", "What stands in front of the backend turns 429 into 200", "backend", _ => new HidesLimits(), async (rig, stop) =>
            {
                // Not by using up a quota: by the address that is given, which is the proxy's.
                var record = rig.RecordOf("backend");
                return record.Host == Rig.FrontHost && (await rig.AskAsync(Oracles.FrontUrl(rig, "backend", "/health/live"), stop)).Status == 200;
            }) { Expected = $"proxy.{FaultCodes.HidesLimits}", Checks = [9] },
        new SettingFault("window-of-a-second", "limits", "The backend counts messages over a second", "backend", _ => """{ "Limits": { "Window": "00:00:01" } }""", async (rig, stop) =>
            {
                var (_, member) = await rig.NewMemberAsync(stop);
                return (await rig.AskAsync(new Uri(rig.DirectOf("backend"), "/api/limits"), stop, member.AccessToken)).Body.Contains("\"windowSeconds\":1", StringComparison.Ordinal);
            }) { Expected = $"backend.{LimiterOff}", Checks = [9] },
        new SettingFault("one-sign-up-a-minute", "limits", "Auth takes one sign-up a minute", "auth", _ => """{ "Accounts": { "SignUpsPerMinute": 1 } }""", async (rig, stop) =>
            {
                var seen = 0;
                for (var i = 0; i < 3 && seen != 429; i++)
                    seen = (await rig.AskAsync(new Uri(rig.DirectOf("auth"), "/auth/signup"), stop, content: new StringContent($$"""{"email":"{{Members.NewEmail("oracle")}}","password":"{{Members.NewPassword()}}"}""", System.Text.Encoding.UTF8, "application/json"))).Status;
                return seen == 429;
            }) { Expected = $"auth.{LimiterStrict}", Checks = [2] },
        new SettingFault("wrong-passwords-for-free", "limits", "Auth never makes anybody wait for wrong passwords", "auth", _ => """{ "Accounts": { "FailedLoginsPerAccount": 100000 } }""", async (rig, stop) =>
            {
                var (system, member) = await rig.NewMemberAsync(stop);
                for (var i = 0; i < 7; i++)
                    if ((await SignIn.LogInAsync(system, member.Email, "not-the-password-at-all", stop)).Status != 401) return false;
                return true;
            }) { Resource = "auth.settings", Expected = $"auth.{LimiterOff}", Checks = [9] },
    ];
}
