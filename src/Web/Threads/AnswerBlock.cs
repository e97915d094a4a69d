using System.Text;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Web.Threads;

/// <summary>A part of an answer: text, a chart, a table or a file.</summary>
public abstract record AnswerBlock(string MessageId)
{
    /// <returns><c>null</c> for an activity this app does not know.</returns>
    internal static AnswerBlock? Of(ActivitySnapshot activity)
    {
        try
        {
            return activity.ActivityType switch
            {
                "throughline.chart" when activity.Content.Deserialize(WireJson.Default.ChartActivity) is { } chart => new ChartBlock(activity.MessageId, chart),
                "throughline.table" when activity.Content.Deserialize(WireJson.Default.TableActivity) is { } table => new TableBlock(activity.MessageId, table),
                "throughline.document" when activity.Content.Deserialize(WireJson.Default.DocumentActivity) is { } document => new DocumentBlock(activity.MessageId, document),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null; // an activity of a newer version: the text stands without it
        }
    }
}

public sealed record ChartBlock(string MessageId, ChartActivity Chart) : AnswerBlock(MessageId);

public sealed record TableBlock(string MessageId, TableActivity Table) : AnswerBlock(MessageId);

public sealed record DocumentBlock(string MessageId, DocumentActivity Document) : AnswerBlock(MessageId);

public sealed record TextBlock(string MessageId) : AnswerBlock(MessageId)
{
    private readonly StringBuilder _text = new();
    private string? _read;

    public string Text => _read ??= _text.ToString();

    public bool IsComplete { get; private set; }

    internal void Add(string delta)
    {
        _text.Append(delta);
        _read = null;
    }

    internal void Complete() => IsComplete = true;
}
