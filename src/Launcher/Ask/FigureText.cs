using System.Text.RegularExpressions;

namespace Throughline.Launcher.Ask;

/// <summary>Turns figure links (<c>[$47.61](#f-id)</c>) into plain figures while the text streams in, wherever a delta is cut.</summary>
internal sealed partial class FigureText
{
    private string _held = "";

    /// <returns>What can be printed now.</returns>
    public string Add(string delta)
    {
        var text = Link().Replace(_held + delta, "$1");
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

    [GeneratedRegex(@"\[([^\[\]]+)\]\(#f-[0-9a-fA-F-]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[[^\[\]]*(\](\((#(f(-[0-9a-fA-F-]*)?)?)?)?)?$")]
    private static partial Regex Unfinished();
}
