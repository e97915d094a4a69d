using Throughline.Analysis.Facts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>Every reference leads to a fact or a term of this run.</summary>
internal static class References
{
    public static GateResult Judge(GateInput input)
    {
        var texts = DraftText.All(input.Draft);
        var unknown = texts.SelectMany(FactTable.FactsIn).Concat(DraftText.Keys(input.Draft)).Where(key => !input.Facts.Has(key))
            .Concat(texts.SelectMany(FactTable.TermsIn).Where(key => !input.Facts.HasTerm(key))).Distinct().ToArray();
        var malformed = texts.Any(text => FactTable.Strip(text, "").Contains("{{", StringComparison.Ordinal) || FactTable.Strip(text, "").Contains("}}", StringComparison.Ordinal));
        return unknown.Length == 0 && !malformed
            ? new GateResult("sources", true, "Every figure leads to its source.")
            : new GateResult("sources", false, malformed ? "A reference is malformed." : "No source for: " + string.Join(", ", unknown));
    }
}
