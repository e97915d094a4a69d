using System.Text.RegularExpressions;
using Throughline.Backend.Agents.Reports;

namespace Throughline.Backend.Agents.Gates;

/// <summary>The prose of a draft, in the pieces that gates judge.</summary>
internal static partial class DraftText
{
    /// <summary>Every template that a person will read, whole.</summary>
    public static IReadOnlyList<string> All(Draft draft) =>
    [
        .. draft.Blocks.SelectMany(block => (IEnumerable<string?>)
        [
            block.Text, block.Chart?.Title, block.Chart?.Summary, .. block.Chart?.Points.Select(point => point.Note) ?? [], block.Table?.Title,
            .. block.Table?.Rows.SelectMany(row => row).SelectMany(cell => (IEnumerable<string?>)[cell.FactKey is null ? cell.Text : null, cell.Hint]) ?? [],
        ]).OfType<string>(),
    ];

    /// <summary>Fact keys of chart points and table cells.</summary>
    public static IEnumerable<string> Keys(Draft draft) => draft.Blocks.SelectMany(block =>
        (block.Chart?.Points.Select(point => point.FactKey) ?? []).Concat(block.Table?.Rows.SelectMany(row => row).Select(cell => cell.FactKey) ?? [])).OfType<string>();

    /// <summary>Paragraphs of prose, each cut into sentences.</summary>
    public static IEnumerable<(string Paragraph, IReadOnlyList<string> Sentences)> Paragraphs(Draft draft) => All(draft)
        .SelectMany(text => Blank().Split(text)).Where(text => text.Trim().Length > 0)
        .Select(paragraph => (paragraph, (IReadOnlyList<string>)[.. Sentence().Split(paragraph).Where(text => text.Trim().Length > 0)]));

    /// <summary>A sentence ends at a stop that is followed by white space; a stop inside a name does not end it.</summary>
    [GeneratedRegex(@"(?<=[.!?](?:\*\*)?)\s+")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\n\s*\n|\n(?=[-*|#])")]
    private static partial Regex Blank();
}
