using System.Text.RegularExpressions;
using Throughline.Analysis.Facts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>Words of direction agree with the facts of their sentence.</summary>
internal static partial class Direction
{
    public static GateResult Judge(GateInput input)
    {
        foreach (var (paragraph, sentences) in DraftText.Paragraphs(input.Draft))
        {
            foreach (var sentence in sentences)
            {
                var prose = FactTable.Strip(sentence, " ");
                var cited = FactTable.FactsIn(sentence);
                if (cited.Count == 0) cited = FactTable.FactsIn(paragraph);
                // A whole answer without a figure, e.g. what Throughline can do, states no direction of any data.
                if (cited.Count == 0) continue;
                var borne = cited.SelectMany(key => input.Facts.Draft(key).Senses).ToHashSet();
                foreach (var (sense, words) in Lexicon)
                {
                    if (words.Match(prose) is { Success: true } match && !borne.Contains(sense))
                        return new GateResult("direction", false, $"\"{match.Value}\" is not borne out by the figures of its sentence.");
                }
            }
        }

        return new GateResult("direction", true, "Words such as more, less and most agree with the figures.");
    }

    private static IEnumerable<(string Sense, Regex Words)> Lexicon =>
        [(Sense.Up, Up()), (Sense.Down, Down()), (Sense.Less, Less()), (Sense.Most, Most()), (Sense.Least, Least()), (Sense.Saves, Saves())];

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b(rose|rise[sn]?|rising|grew|grow[sn]?|increas\w+|jump\w*|spik\w+|surg\w+|climb\w*|more|higher|dearer|above)\b", Options)]
    private static partial Regex Up();

    [GeneratedRegex(@"\b(fell|fall(s|en)?|dropp?(ed|s)?|decreas\w+|declin\w+|shr[aiu]nk\w*)\b", Options)]
    private static partial Regex Down();

    [GeneratedRegex(@"\b(less|lower|fewer|cheaper|below)\b", Options)]
    private static partial Regex Less();

    [GeneratedRegex(@"\b(most|largest|highest|biggest|costliest|dearest|greatest|slowest|busiest)\b", Options)]
    private static partial Regex Most();

    [GeneratedRegex(@"\b(least|smallest|lowest|cheapest|fewest|fastest)\b", Options)]
    private static partial Regex Least();

    [GeneratedRegex(@"\b(sav(e|es|ed|ing|ings))\b", Options)]
    private static partial Regex Saves();
}
