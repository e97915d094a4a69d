using System.Text;
using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Rows;
using Throughline.Analysis.Import.Sources;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>A header and records, separated by comma, semicolon, tab or bar.</summary>
internal sealed class TableShape : IShape
{
    private static readonly byte[] Delimiters = [(byte)',', (byte)';', (byte)'\t', (byte)'|'];
    private readonly string[] _names;
    private readonly byte _delimiter;
    private readonly ImportLimits _limits;

    private TableShape(string[] names, byte delimiter, ImportLimits limits) =>
        (_names, _delimiter, _limits) = (names, delimiter, limits);

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Takes the delimiter under which the header makes most sense.</summary>
    public static TableShape? Detect(ReadOnlySpan<byte> head, ImportLimits limits)
    {
        TableShape? best = null;
        var bestScore = -1;
        foreach (var delimiter in Delimiters)
        {
            var csv = new CsvReader(new ByteWindow(new MemoryStream(head.ToArray())), delimiter, limits.LineBytes);
            if (!csv.Read() || csv.Fault is not null)
            {
                continue;
            }

            var names = Enumerable.Range(0, csv.FieldCount).Select(i => Encoding.UTF8.GetString(csv.Field(i)).Trim()).ToArray();
            var format = UsageFormats.Recognise(names);
            var score = (format is null ? 0 : 1000 * names.Count(n => format.TryMean(n, out _))) + names.Length;
            if (score > bestScore)
            {
                (best, bestScore) = (new TableShape(names, delimiter, limits), score);
            }
        }

        return best;
    }

    public void Read(Stream text, SourceColumns columns, RowSink sink)
    {
        var meanings = _names.Select(columns.MeaningOf).ToArray();
        var csv = new CsvReader(new ByteWindow(text), _delimiter, _limits.LineBytes);
        var raw = new RawRecord();
        csv.Read(); // the header
        while (csv.Read())
        {
            if (csv.Fault is not null)
            {
                sink.Refuse(csv.Line, csv.Fault);
            }
            else if (csv.FieldCount != _names.Length && !HasOnlyBlanksBeyond(csv))
            {
                sink.Refuse(csv.Line, $"{csv.FieldCount} fields where the header has {_names.Length}");
            }
            else
            {
                Accept(csv, raw, meanings, sink);
            }
        }

        if (csv.IsHopeless)
        {
            throw new ImportRefusedException("damaged_file", $"Quotes stay open in more than 10,000 places, last at line {csv.Line}. Export it again as CSV.");
        }
    }

    private void Accept(CsvReader csv, RawRecord raw, (UsageField Field, int Rank)?[] meanings, RowSink sink)
    {
        raw.Clear();
        raw.Line = csv.Line;
        for (var i = 0; i < meanings.Length; i++)
        {
            if (meanings[i] is { } meaning)
            {
                var value = csv.Field(i);
                raw.Set(meaning.Field, meaning.Rank, _names[i], CellNull(value) ? [] : value);
            }
        }

        if (raw.IsEmptyThroughout)
        {
            return; // ,,,, as spreadsheets leave below the table
        }

        if (!raw.Has(UsageField.At) && meanings.Any(m => m?.Field == UsageField.At))
        {
            sink.Refuse(csv.Line, $"{raw.NameOf(UsageField.At)} is empty");
            return;
        }

        LiteLlmUsage.Expand(raw);
        sink.Accept(raw);
    }

    private bool HasOnlyBlanksBeyond(CsvReader csv)
    {
        for (var i = _names.Length; i < csv.FieldCount; i++)
        {
            if (!csv.Field(i).IsEmpty)
            {
                return false;
            }
        }

        return csv.FieldCount > _names.Length;
    }

    private static bool CellNull(ReadOnlySpan<byte> value) =>
        value.Length is 2 or 4 or 3 && (value.SequenceEqual("NULL"u8) || value.SequenceEqual("null"u8) || value.SequenceEqual("None"u8)
            || value.SequenceEqual("NaN"u8) || value.SequenceEqual("nan"u8) || value.SequenceEqual("\\N"u8));
}
