using static Throughline.Verify.FaultCodes;
using static Throughline.Verify.Faults.FaultParts;

namespace Throughline.Verify.Faults;

/// <summary>Keys, secrets and what tokens say.</summary>
internal static class SecretFaults
{
    public static IEnumerable<Fault> All() =>
    [
        new SettingFault("auth-other-secret", "secrets", "Auth signs with another JWT_SECRET_KEY than the backend holds", "auth", _ => $$"""{ "JWT_SECRET_KEY": "{{OtherSecret}}" }""", (rig, stop) => SignsWithAsync(rig, OtherSecret, stop))
        { Expected = $"signing.{DifferentSecrets}", NeedsSharedSecret = true, Checks = [1, 2, 4] },
        new SettingFault("auth-other-algorithm", "secrets", "Auth signs with a shared secret, the backend expects published keys", "auth", _ => $$"""{ "JWT_SECRET_KEY": "{{OtherSecret}}" }""", async (rig, stop) => await Oracles.AlgorithmAsync(rig, stop) == "HS256")
        { Resource = "auth.settings", Expected = $"signing.{DifferentAlgorithms}", Checks = [1, 2, 4] },
        new SettingFault("auth-other-issuer", "secrets", "Auth issues tokens under another name than the backend accepts", "auth", _ => """{ "Auth": { "Issuer": "http://elsewhere.invalid" } }""",
            async (rig, stop) => (await rig.AskAsync(new Uri(rig.DirectOf("auth"), "/.well-known/openid-configuration"), stop)).Body.Contains("elsewhere.invalid", StringComparison.Ordinal))
        { Resource = "auth.settings", Expected = $"signing.{DifferentIssuers}", Checks = [1, 2] },
        new SettingFault("tokens-of-a-second", "secrets", "Access tokens expire a second after they are made", "auth", _ => """{ "Tokens": { "AccessLifetime": "00:00:01" } }""", async (rig, stop) =>
            {
                var (_, member) = await rig.NewMemberAsync(stop);
                return member.Claims.Number("exp") - member.Claims.Number("iat") <= 1;
            }) { Expected = $"signing.{ShortTokens}", Checks = [2, 4] },
        new InFront("keys-swapped", "secrets", "What stands in front of auth publishes another key under the same name", "auth", rig => new PublishesOtherKeys(() => rig.RecordOf("auth").SigningKeyIds[0]),
            async (rig, stop) => (await rig.AskAsync(Oracles.FrontUrl(rig, "auth", "/.well-known/jwks"), stop)).Body != (await rig.AskAsync(new Uri(rig.DirectOf("auth"), "/.well-known/jwks"), stop)).Body)
        { Expected = $"proxy.{DifferentKeys}", Checks = [1, 2] },
        new SimpleFault("client-secret-replaced", "secrets", "The backend's client secret is another than auth has registered", async (rig, stop) =>
            {
                rig.Write(rig.PathOf("secrets", "client-backend"), new string('5', 64));
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            async (rig, stop) => (await rig.ServiceTokenAsync("backend", stop)).Status is 400 or 401) { Expected = $"backend.{WrongClientSecret}" },
        new SimpleFault("store-password-replaced", "secrets", "The file with the store's password holds another one", async (rig, stop) =>
            {
                rig.Write(rig.PathOf("secrets", "store-password"), new string('6', 64));
                await rig.RestartAsync("backend", comesBack: false, stop);
            },
            (rig, stop) => Oracles.IsDownAsync(rig, "backend")) { Expected = $"store.{WrongPassword}" },
    ];
}
