using System.Text.RegularExpressions;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>A cheaper model is a candidate: no answer promises the same quality, which nothing here measured.</summary>
internal static partial class Honesty
{
    public static GateResult Judge(GateInput input)
    {
        foreach (var text in DraftText.All(input.Draft))
        {
            if (Promise().Match(text) is { Success: true } match)
                return new GateResult("honesty", false, $"\"{match.Value}\" promises what was not measured.");
        }

        return new GateResult("honesty", true, "Nothing is promised that was not measured.");
    }

    [GeneratedRegex(@"\b((same|equal|identical|comparable|equivalent|similar|better) (quality|answers|results|output)|no (loss|drop|impact) (of|in|on) (quality|accuracy)|without (losing|any loss of|loss of) (quality|accuracy)|(just|equally) as good|drop-in replacement|guarantee\w*|risk[- ]free)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Promise();
}
