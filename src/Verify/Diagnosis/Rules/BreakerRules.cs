using static Throughline.Verify.Rules.CaseCauses;

namespace Throughline.Verify.Rules;

/// <summary>A dependency that the backend has given up calling for now, where nothing deeper says why.</summary>
internal sealed class BreakerRules : IRule
{
    public IEnumerable<Cause> Find(Case @case)
    {
        foreach (var seen in @case.Looks<BreakerLook>())
            foreach (var (dependency, state) in seen.Item.States)
            {
                List<string> failures = [.. @case.Unclaimed.Where(f => Case.Touches(f, "backend")).Select(f => f.Id)];
                if (state != "open" || failures.Count == 0) continue;
                yield return Cause(
                    "backend", dependency == "model" ? FaultCodes.ModelFails : FaultCodes.BreakerOpen, $"The backend has given up calling {dependency} for now: its circuit breaker is open.",
                    new Fix($"Look why {dependency} fails; the breaker closes by itself."), failures, seen.Arrow($"the breaker of {dependency} is open", "what needs it fails fast"));
            }
    }
}
