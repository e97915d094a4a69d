using System.Text;
using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>Keeps the last line of each streamed message: a line per content block repeats the usage so far.</summary>
/// <remarks>A message's lines lie close together, so a few thousand open messages are enough; an older one is taken as finished.</remarks>
internal sealed class LastOfMessage
{
    private const int MostOpen = 4096;
    private readonly Dictionary<string, LinkedListNode<(string Id, RawRecord Raw)>> _byId = [];
    private readonly LinkedList<(string Id, RawRecord Raw)> _open = [];

    public void Add(RawRecord raw, RowSink sink)
    {
        if (!raw.Has(UsageField.Input) && !raw.Has(UsageField.Output))
        {
            return; // what the person typed, summaries, tool results: no usage, and no fault
        }

        if (!raw.Has(UsageField.MessageId))
        {
            sink.Accept(raw);
            return;
        }

        var id = Encoding.UTF8.GetString(raw[UsageField.MessageId]);
        if (!_byId.TryGetValue(id, out var node))
        {
            node = _open.AddLast((id, new RawRecord()));
            _byId[id] = node;
        }

        node.Value.Raw.CopyFrom(raw);
        node.Value.Raw.Line = raw.Line;
        if (_open.Count > MostOpen)
        {
            Finish(_open.First!, sink);
        }
    }

    public void Complete(RowSink sink)
    {
        while (_open.First is { } node)
        {
            Finish(node, sink);
        }
    }

    private void Finish(LinkedListNode<(string Id, RawRecord Raw)> node, RowSink sink)
    {
        sink.Accept(node.Value.Raw);
        _byId.Remove(node.Value.Id);
        _open.Remove(node);
    }
}
