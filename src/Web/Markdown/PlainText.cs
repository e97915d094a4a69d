using System.Text.RegularExpressions;

namespace Throughline.Web.Markdown;

/// <summary>Markdown without its marks: for reading out and for titles.</summary>
internal static partial class PlainText
{
    public static string Of(string markdown) => Marks().Replace(Link().Replace(markdown, "$1"), "");

    /// <summary>Markdown with figures as plain numbers: their links mean nothing outside the app.</summary>
    public static string WithoutFigureLinks(string markdown) => FigureLink().Replace(markdown, "$1");

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[([^\]]*)\]\(#f-[^)]*\)")]
    private static partial Regex FigureLink();

    [GeneratedRegex(@"\*\*|`|^#{1,6} |^> ", RegexOptions.Multiline)]
    private static partial Regex Marks();
}
