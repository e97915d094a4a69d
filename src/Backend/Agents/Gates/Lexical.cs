using System.Text.RegularExpressions;
using Throughline.Analysis.Facts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>Nothing that looks like a figure stands outside a reference: no digit, no spelled number, no multiplier.</summary>
/// <remarks>Allowed: names of models and files, what the user wrote in quotation marks, code, list markers, and the counting words of the house style.</remarks>
internal static partial class Lexical
{
    public static GateResult Judge(GateInput input)
    {
        foreach (var text in DraftText.All(input.Draft))
        {
            var prose = FactTable.Strip(text, " ");
            if (Markup().Match(prose) is { Success: true } markup)
                return new GateResult("no loose figures", false, $"\"{markup.Value}\" is a link or markup, which an answer may not bring along.");
            foreach (var name in input.Names.Where(name => name.Length > 1 && prose.Contains(name, StringComparison.OrdinalIgnoreCase)).OrderByDescending(name => name.Length))
            {
                prose = Regex.Replace(prose, $@"(?<![\p{{L}}\p{{Nd}}-]){Regex.Escape(name)}(?![\p{{L}}\p{{Nd}}-])", " ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
            }

            prose = Quote().Replace(prose, match => input.Question.Contains(match.Groups[1].Value, StringComparison.OrdinalIgnoreCase) ? " " : match.Value);
            prose = ListMarker().Replace(prose, "");
            if (Figure().Match(prose) is { Success: true } match)
                return new GateResult("no loose figures", false, $"\"{match.Value.Trim()}\" looks like a figure and has no source.");
        }

        return new GateResult("no loose figures", true, "No number stands outside a reference.");
    }

    [GeneratedRegex(@"\]\s*[(\[:]|<[a-zA-Z/!]|https?:|www\.", RegexOptions.IgnoreCase)]
    private static partial Regex Markup();

    [GeneratedRegex("[\"“]([^\"”]{1,200})[\"”]")]
    private static partial Regex Quote();

    [GeneratedRegex(@"^\s*(\d{1,2}[.)]|[-*])\s", RegexOptions.Multiline)]
    private static partial Regex ListMarker();

    [GeneratedRegex(
        @"[\p{Nd}\p{Nl}\p{No}%€$£¥]|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|halve[sd]?|halving|thirds?|quarters?|doubl(e|es|ed|ing)|twice|tripl(e|es|ed|ing)|thrice|quadrupl\w+|tenfold|\w+fold|percent|per cent|majority|most of the (cost|spend|bill))\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Figure();
}
