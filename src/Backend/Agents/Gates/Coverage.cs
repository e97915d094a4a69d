using Throughline.Backend.Agents.Triage;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>The answer says what it covers: its period, what could not be priced, what was assumed.</summary>
internal static class Coverage
{
    public static GateResult Judge(GateInput input)
    {
        var text = string.Join("\n", DraftText.All(input.Draft));
        var spends = text.Contains("spend.total}}", StringComparison.Ordinal);
        if (input.Facts.Has("spend.requests") && input.Intent.Category != Category.General && Reports.Renderer.Cited(input.Draft).Count == 0)
            return new GateResult("coverage", false, "The answer states no figure of the data.");
        if (spends && input.Facts.HasTerm("period") && !text.Contains("period", StringComparison.Ordinal))
            return new GateResult("coverage", false, "The answer does not say which period it covers.");
        if (spends && input.Facts.Has("unpriced.requests") && !text.Contains("{{f:unpriced.requests}}", StringComparison.Ordinal))
            return new GateResult("coverage", false, "The answer does not say what could not be priced.");
        if (spends && input.Intent.Scope.AssumedModel is { } assumed && !text.Contains(assumed, StringComparison.OrdinalIgnoreCase) && !text.Contains("{{t:assumed}}", StringComparison.Ordinal))
            return new GateResult("coverage", false, "The answer does not say which model is assumed.");
        return new GateResult("coverage", true, input.Intent.Category == Category.General ? "There is nothing to cover." : "Period, assumptions and what could not be priced are stated.");
    }
}
