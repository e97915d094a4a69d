using System.Text.RegularExpressions;

namespace Throughline.Launcher.Ask;

/// <summary>Turns figure links (<c>[$47.61](#f-id)</c>) into plain figures while the text streams in, wherever a delta is cut.</summary>
internal sealed partial class FigureText
{
    private readonly HashSet<Guid> _printed = [];
    private string _held = "";

    /// <summary>The facts whose figures have been printed.</summary>
    public IReadOnlySet<Guid> Printed => _printed;

    /// <returns>What can be printed now.</returns>
    public string Add(string delta)
    {
        var text = Link().Replace(_held + delta, Print);
        var cut = Unfinished().Match(text);
        _held = cut.Success ? text[cut.Index..] : "";
        return cut.Success ? text[..cut.Index] : text;
    }

    /// <returns>What was held back in the hope of a link.</returns>
    public string End()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    /// <summary>Notes figures that were printed elsewhere, as a table's cells are.</summary>
    public void Note(IEnumerable<Guid> facts) => _printed.UnionWith(facts);

    private string Print(Match link)
    {
        if (Guid.TryParse(link.Groups["fact"].ValueSpan, out var fact))
            _printed.Add(fact);
        return link.Groups["text"].Value;
    }

    [GeneratedRegex(@"\[(?<text>[^\[\]]+)\]\(#f-(?<fact>[0-9a-fA-F-]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[[^\[\]]*(\](\((#(f(-[0-9a-fA-F-]*)?)?)?)?)?$")]
    private static partial Regex Unfinished();
}
