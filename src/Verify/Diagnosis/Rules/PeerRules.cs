using System.Text.RegularExpressions;
using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>The backend was told where auth is, and it is not there: by its own word, while auth answers elsewhere.</summary>
internal sealed partial class PeerRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        if (@case.HealthOf("backend") is not { } health || @case.ServiceOf("auth") is not { Item.DirectUrl: { } there } auth) yield break;
        if (!health.Item.Dependencies.TryGetValue("signing", out var said) || Told().Match(said) is not { Success: true } told || told.Groups["address"].Value.TrimEnd('/') == there.TrimEnd('/')) yield break;
        List<string> explains = [.. SyncRules.Behind(@case, @case.Failed).Concat(@case.Failed.Where(SyncRules.IsOfAnUnknownUser)).Select(f => f.Id).Union(@case.Where(f => f.Id is "startup.keys.agree" or "startup.ready.backend"))];
        yield return Cause(
            "backend", FaultCodes.WrongAddress, $"The backend looks for auth at {told.Groups["address"].Value} (Services:auth), where it is not: auth answers at {there}.",
            new Fix($"Remove Services:auth from the backend's settings and environment, or set it to {there}; then restart the backend."), explains,
            auth.Arrow($"auth is well, at {there}", "the backend asks elsewhere"), health.Arrow($"the backend says: {Case.After(said)}", "what auth changes does not reach it"));
    }

    /// <remarks><c>http://127.0.0.1:9 (Services:auth) does not answer: start auth, or set Services:auth to its address.</c></remarks>
    [GeneratedRegex(@"(?<address>https?://\S+) \(Services:auth\) does not answer", RegexOptions.ExplicitCapture)]
    private static partial Regex Told();
}
