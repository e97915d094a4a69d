using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components.Rendering;
using Throughline.Web.Figures;

namespace Throughline.Web.Markdown;

/// <summary>Walks a parsed text and writes elements and components. What it does not know, it writes as plain text.</summary>
internal sealed class MarkdownRender(RenderTreeBuilder builder, bool hasLead)
{
    private int _sequence;
    private bool _leadIsDue = hasLead;

    public void Blocks(ContainerBlock container)
    {
        foreach (var block in container)
            Write(block);
    }

    private void Write(Block block)
    {
        switch (block)
        {
            case HeadingBlock heading:
                // The question is the h2, so an answer's own headings begin below it.
                Element(heading.Level <= 3 ? "h3" : "h4", null, () => Inlines(heading.Inline));
                break;
            case ParagraphBlock paragraph:
                Element("p", _leadIsDue ? "first" : null, () => Inlines(paragraph.Inline));
                _leadIsDue = false;
                break;
            case ListBlock list:
                Element(list.IsOrdered ? "ol" : "ul", null, () => Blocks(list));
                break;
            case ListItemBlock item:
                Element("li", null, () => Item(item));
                break;
            case QuoteBlock quote:
                Element("blockquote", null, () => Blocks(quote));
                break;
            case CodeBlock code:
                Element("pre", "code-block", () => Text(code.Lines.ToString()));
                break;
            case ThematicBreakBlock:
                Element("hr", null, () => { });
                break;
            case Table table:
                Element("div", "card", () => Element("table", "tbl", () => Rows(table)));
                break;
            case LinkReferenceDefinitionGroup:
                break;
            case LeafBlock { Inline: not null } leaf:
                Element("p", null, () => Inlines(leaf.Inline));
                break;
            case LeafBlock leaf:
                Element("p", null, () => Text(leaf.Lines.ToString()));
                break;
            case ContainerBlock other:
                Blocks(other);
                break;
        }
    }

    // A tight list has no paragraphs inside its items.
    private void Item(ListItemBlock item)
    {
        foreach (var block in item)
        {
            if (block is ParagraphBlock paragraph && item.Parent is ListBlock { IsLoose: false })
                Inlines(paragraph.Inline);
            else
                Write(block);
        }
    }

    private void Rows(Table table)
    {
        foreach (var row in table.OfType<TableRow>())
        {
            Element("tr", null, () =>
            {
                for (var column = 0; column < row.Count; column++)
                {
                    if (row[column] is not TableCell cell)
                        continue;
                    var isEnd = column < table.ColumnDefinitions.Count && table.ColumnDefinitions[column].Alignment == TableColumnAlign.Right;
                    Element(row.IsHeader ? "th" : "td", isEnd ? "end" : null, () =>
                    {
                        foreach (var block in cell)
                            Inlines((block as LeafBlock)?.Inline);
                    });
                }
            });
        }
    }

    private void Inlines(ContainerInline? container)
    {
        for (var inline = container?.FirstChild; inline is not null; inline = inline.NextSibling)
            Write(inline);
    }

    private void Write(Inline inline)
    {
        switch (inline)
        {
            case LiteralInline literal:
                Text(literal.Content.ToString());
                break;
            case CodeInline code:
                Code(code.Content);
                break;
            case EmphasisInline emphasis:
                Element(emphasis.DelimiterCount >= 2 ? "strong" : "em", null, () => Inlines(emphasis));
                break;
            case LineBreakInline { IsHard: true }:
                Element("br", null, () => { });
                break;
            case LineBreakInline:
                Text("\n");
                break;
            case LinkInline link:
                Link(link);
                break;
            case AutolinkInline auto:
                Text(auto.Url);
                break;
            case HtmlEntityInline entity:
                Text(entity.Transcoded.ToString());
                break;
            case HtmlInline html:
                Text(html.Tag);
                break;
            case ContainerInline other:
                Inlines(other);
                break;
        }
    }

    private void Link(LinkInline link)
    {
        if (!link.IsImage && FigureLink.FactIdOf(link.Url) is { } factId)
            Figure(factId, PlainText(link));
        else if (!link.IsImage && IsWeb(link.Url))
            OutwardLink(link);
        else
            Inlines(link); // an image is its words: nothing is fetched from elsewhere
    }

    private void Figure(Guid factId, string text)
    {
        builder.OpenComponent<FigureReference>(_sequence++);
        builder.AddComponentParameter(_sequence++, nameof(FigureReference.FactId), factId);
        builder.AddComponentParameter(_sequence++, nameof(FigureReference.Text), text);
        builder.CloseComponent();
    }

    private void OutwardLink(LinkInline link)
    {
        builder.OpenElement(_sequence++, "a");
        builder.AddAttribute(_sequence++, "href", link.Url);
        builder.AddAttribute(_sequence++, "target", "_blank");
        builder.AddAttribute(_sequence++, "rel", "noopener noreferrer nofollow");
        Inlines(link);
        builder.CloseElement();
    }

    private void Code(string content)
    {
        Element("code", null, () => builder.AddContent(_sequence++, StreamTail.Clean(content)));
        if (content.Contains(StreamTail.Caret))
            Element("span", "caret", () => { });
    }

    private void Text(string text)
    {
        var from = 0;
        for (var at = text.AsSpan().IndexOfAny(StreamTail.Pending, StreamTail.Caret); at >= 0;)
        {
            builder.AddContent(_sequence++, text[from..at]);
            Element("span", text[at] == StreamTail.Pending ? "figure-pending" : "caret", () => { });
            from = at + 1;
            var next = text.AsSpan(from).IndexOfAny(StreamTail.Pending, StreamTail.Caret);
            at = next < 0 ? -1 : from + next;
        }

        if (from < text.Length)
            builder.AddContent(_sequence++, text[from..]);
    }

    private void Element(string name, string? cssClass, Action content)
    {
        builder.OpenElement(_sequence++, name);
        if (cssClass is not null)
            builder.AddAttribute(_sequence++, "class", cssClass);
        content();
        builder.CloseElement();
    }

    private static bool IsWeb(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);

    private static string PlainText(ContainerInline container)
    {
        var text = new StringBuilder();
        foreach (var inline in container.Descendants())
        {
            text.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                _ => "",
            });
        }

        return text.ToString();
    }
}
