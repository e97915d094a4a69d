using System.Text.RegularExpressions;
using Throughline.Analysis.Prices;

namespace Throughline.Backend.Agents.Triage;

/// <param name="Name">As the price table or the file spells it.</param>
internal sealed record ModelMention(string Name, int Start, int Length);

/// <summary>Finds the models that a question names, in any of their usual spellings.</summary>
internal static partial class ModelMentions
{
    private const int MostWords = 5;

    public static IReadOnlyList<ModelMention> In(string question, PriceTable prices, IReadOnlyList<string> inFile)
    {
        var words = Word().Matches(question).ToArray();
        var found = new List<ModelMention>();
        for (var first = 0; first < words.Length; first++)
        {
            // "claude sonnet 4.5" is one model, not "claude": the longest run of words that is a name wins.
            for (var count = Math.Min(MostWords, words.Length - first); count > 0; count--)
            {
                var last = words[first + count - 1];
                var text = question[words[first].Index..(last.Index + last.Length)].TrimEnd('.', ':', '?', '!', '/', '-');
                if (NameOf(text, prices, inFile) is not { } name) continue;
                found.Add(new ModelMention(name, words[first].Index, text.Length));
                first += count - 1;
                break;
            }
        }

        return found;
    }

    private static string? NameOf(string text, PriceTable prices, IReadOnlyList<string> inFile)
    {
        if (inFile.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } spelled) return spelled;
        var dashed = Space().Replace(text.ToLowerInvariant(), "-");
        // Every model's name has a digit or a dash; without one it is an ordinary word.
        if (!dashed.Any(c => char.IsAsciiDigit(c) || c == '-') || !dashed.Any(char.IsAsciiLetter)) return null;
        return prices.Resolve(dashed) ?? prices.Resolve(dashed.Replace('.', '-'));
    }

    [GeneratedRegex(@"[\p{L}\p{Nd}][\p{L}\p{Nd}._:/@-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
