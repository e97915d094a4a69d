using System.Text.RegularExpressions;

namespace Throughline.Web.Markdown;

/// <summary>Makes the end of a text that is still arriving fit to show: nothing half-written, and nothing that jumps.</summary>
/// <remarks>A figure whose link is not complete becomes a well of its size; an open <c>**</c> or <c>`</c> is closed.
/// The places of well and caret are marked with characters of Unicode's private use area, which are taken out of the text first.</remarks>
internal static partial class StreamTail
{
    public const char Pending = '\uE000';
    public const char Caret = '\uE001';

    public static string Clean(string text) => text.Replace(Pending.ToString(), "").Replace(Caret.ToString(), "");

    public static string Close(string text)
    {
        text = Clean(text).TrimEnd();
        var open = OpenLink().Match(text);
        if (open.Success)
            text = text[..open.Index] + Pending;
        else
            text = OpenMark().Replace(text, "");
        text += Caret;
        var paragraph = text[(text.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)..];
        if (Occurrences(paragraph, "`") % 2 == 1)
            text += "`";
        if (Occurrences(paragraph, "**") % 2 == 1)
            text += "**";
        return text;
    }

    private static int Occurrences(string text, string what) => (text.Length - text.Replace(what, "").Length) / what.Length;

    [GeneratedRegex(@"\[[^\[\]\n]*(\](\([^()\n]*)?)?$")]
    private static partial Regex OpenLink();

    // A lone star may become two; a marker without words would show as itself for a moment.
    [GeneratedRegex(@"(?<=^|[\s(])(\*{1,2}|`)$|(?<=[^\s*])\*$")]
    private static partial Regex OpenMark();
}
