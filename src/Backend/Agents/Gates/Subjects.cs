using System.Text.RegularExpressions;
using Throughline.Analysis.Facts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>A sentence names what its figures are figures of: the right model, and the right unit after the number.</summary>
internal static partial class Subjects
{
    public static GateResult Judge(GateInput input)
    {
        foreach (var (paragraph, sentences) in DraftText.Paragraphs(input.Draft))
        {
            foreach (var sentence in sentences)
            {
                var cited = FactTable.FactsIn(sentence);
                var around = cited.Count > 0 ? cited : FactTable.FactsIn(paragraph);
                if (around.Count == 0) continue;
                var known = around.SelectMany(key => input.Facts.Draft(key).Entities)
                    .Concat([input.Intent.Scope.AssumedModel, input.Intent.Scope.Model]).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
                var prose = FactTable.Strip(sentence, " ");
                foreach (var name in input.Names.Where(name => !known.Contains(name) && prose.Contains(name, StringComparison.OrdinalIgnoreCase)))
                {
                    if (Names(prose, name, known))
                        return new GateResult("subjects", false, $"{name} is named, but no figure there is a figure of it.");
                }

                foreach (Match match in Unit().Matches(sentence))
                {
                    var unit = input.Facts[match.Groups["key"].Value].Unit;
                    var word = match.Groups["word"].Value.ToLowerInvariant().TrimEnd('s');
                    if (word != unit.TrimEnd('s') && !(word == "dollar" && unit == FactUnit.Usd) && !(word == "time" && unit == FactUnit.Times))
                        return new GateResult("subjects", false, $"A figure in {unit} is called {match.Groups["word"].Value}.");
                }
            }
        }

        return new GateResult("subjects", true, "Every figure is called what it is: its model, its unit.");
    }

    /// <summary>Whether prose names it, other than inside a longer known name.</summary>
    private static bool Names(string prose, string name, HashSet<string> known)
    {
        foreach (var longer in known.Where(other => other.Contains(name, StringComparison.OrdinalIgnoreCase))) prose = prose.Replace(longer, " ", StringComparison.OrdinalIgnoreCase);
        return Regex.IsMatch(prose, $@"(?<![\w-]){Regex.Escape(name)}(?![\w-]|\.\d)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
    }

    [GeneratedRegex(@"\{\{f:(?<key>[^{}]+)\}\} (?:(?:priced|input|output|repeated|cached|failed|more|fewer|of these|other) )?(?<word>requests?|tokens?|days?|dollars?|rows?|models?|times)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unit();
}
