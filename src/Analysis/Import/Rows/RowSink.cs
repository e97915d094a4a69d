using System.Collections.Concurrent;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Takes source rows from the parser and hands normal rows to the writer, in batches, with a bounded queue between.</summary>
internal sealed class RowSink(RowReader reader, Refusals refusals, Action<long, long> progress, CancellationToken cancellationToken) : IDisposable
{
    private const int BatchRows = 2048; // the engine's vector size
    private readonly BlockingCollection<(UsageRow[] Rows, int Count)> _full = new(4);
    private readonly ConcurrentBag<UsageRow[]> _empty = [];
    private UsageRow[] _batch = NewBatch();
    private int _count;

    public long Rows { get; private set; }

    public Refusals Refusals => refusals;

    public void Accept(RawRecord raw)
    {
        if (raw[UsageField.Kind] is { IsEmpty: false } kind && !kind.SequenceEqual("GENERATION"u8) && !kind.SequenceEqual("EMBEDDING"u8))
        {
            return; // a span, an event, a tool: it has no tokens of its own, and that is no fault
        }

        var row = _batch[_count];
        if (!reader.TryRead(raw, row, out var reason))
        {
            Refuse(raw.Line, reason);
            return;
        }

        row.RowNumber = ++Rows;
        if (++_count == BatchRows)
        {
            Flush();
        }
    }

    public void Refuse(long line, string reason)
    {
        refusals.Add(line, reason);
        if (refusals.Count % BatchRows == 0)
        {
            Report();
        }
    }

    /// <summary>Hands on the last rows; no more will come.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants them any more.</exception>
    public void Complete()
    {
        if (_count > 0)
        {
            Flush();
        }

        _full.CompleteAdding();
    }

    /// <summary>Rows for the writer; each is valid until the next is taken.</summary>
    public IEnumerable<object> Take()
    {
        foreach (var (rows, count) in _full.GetConsumingEnumerable(cancellationToken))
        {
            for (var i = 0; i < count; i++)
            {
                yield return rows[i];
            }

            _empty.Add(rows);
        }
    }

    public void Dispose() => _full.Dispose();

    private void Flush()
    {
        _full.Add((_batch, _count), cancellationToken);
        _batch = _empty.TryTake(out var reused) ? reused : NewBatch();
        _count = 0;
        Report();
    }

    private void Report()
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress(Rows, refusals.Count);
    }

    private static UsageRow[] NewBatch()
    {
        var batch = new UsageRow[BatchRows];
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i] = new UsageRow();
        }

        return batch;
    }
}
