using Markdig;
using Markdig.Syntax;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Throughline.Web.Markdown;

/// <summary>Markdown as components: a figure's link is a figure reference, and nothing in the text becomes markup of its own.</summary>
public sealed class MarkdownView : ComponentBase
{
    // HTML is off, so a tag in a text is text. No autolinks, no attributes, no images: see MarkdownRender.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().Build();

    private string? _shown;
    private bool _shownStreaming;
    private MarkdownDocument? _document;

    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>Whether more is to come: shows a caret, and wells for figures that are not complete.</summary>
    [Parameter] public bool IsStreaming { get; set; }

    /// <summary>Whether the first paragraph is set larger.</summary>
    [Parameter] public bool HasLead { get; set; }

    internal static MarkdownDocument Parse(string text, bool isStreaming) =>
        Markdig.Markdown.Parse(isStreaming ? StreamTail.Close(text) : StreamTail.Clean(text), Pipeline);

    protected override void OnParametersSet()
    {
        if (_document is not null && _shown == Text && _shownStreaming == IsStreaming)
            return;
        (_shown, _shownStreaming) = (Text, IsStreaming);
        _document = Parse(Text, IsStreaming);
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (_document is not null)
            new MarkdownRender(builder, HasLead).Blocks(_document);
    }
}
