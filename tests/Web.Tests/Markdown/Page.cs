using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.RenderTree;
using Throughline.Web.Figures;
using Throughline.Web.Markdown;

namespace Throughline.Web.Tests.Markdown;

/// <summary>What a Markdown text becomes, written as if it were HTML: elements, figures and escaped text.</summary>
internal static class Page
{
    public static string Of(string text, bool isStreaming = false)
    {
        using var builder = new RenderTreeBuilder();
        new MarkdownRender(builder, hasLead: false).Blocks(MarkdownView.Parse(text, isStreaming));
#pragma warning disable BL0006 // The render tree is what this test looks at.
        var frames = builder.GetFrames();
        var at = 0;
        return Write(frames.Array, ref at, frames.Count);
    }

    private static string Write(RenderTreeFrame[] frames, ref int at, int end)
    {
        var page = "";
        while (at < end)
        {
            ref var frame = ref frames[at];
            switch (frame.FrameType)
            {
                case RenderTreeFrameType.Element:
                    page += Element(frames, ref at);
                    break;
                case RenderTreeFrameType.Component:
                    page += Figure(frames, ref at);
                    break;
                case RenderTreeFrameType.Text:
                    page += System.Net.WebUtility.HtmlEncode(frame.TextContent);
                    at++;
                    break;
                default:
                    throw new InvalidOperationException($"A text became {frame.FrameType}.");
            }
        }

        return page;
    }

    private static string Element(RenderTreeFrame[] frames, ref int at)
    {
        var (name, end, attributes) = (frames[at].ElementName, at + frames[at].ElementSubtreeLength, "");
        for (at++; at < end && frames[at].FrameType == RenderTreeFrameType.Attribute; at++)
            attributes += $" {frames[at].AttributeName}={frames[at].AttributeValue}";
        return $"<{name}{attributes}>{Write(frames, ref at, end)}</{name}>";
    }

    private static string Figure(RenderTreeFrame[] frames, ref int at)
    {
        Assert.Equal(typeof(FigureReference), frames[at].ComponentType);
        var end = at + frames[at].ComponentSubtreeLength;
        var figure = $"<figure {frames[at + 1].AttributeValue} {frames[at + 2].AttributeValue}/>";
        at = end;
        return figure;
    }
#pragma warning restore BL0006
}
