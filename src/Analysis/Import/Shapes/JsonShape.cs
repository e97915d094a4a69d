using System.Text.Json;
using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Rows;
using Throughline.Analysis.Import.Sources;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>JSON, one object a line or one document with a list of objects.</summary>
internal sealed class JsonShape : IShape
{
    private const int ProbedElements = 200;
    private readonly HashSet<string> _names = [];
    private readonly bool _isLines;
    private readonly ImportLimits _limits;

    private JsonShape(bool isLines, ImportLimits limits) => (_isLines, _limits) = (isLines, limits);

    public IReadOnlyCollection<string> Names => _names;

    /// <param name="open">Opens the text from its beginning; it is read twice here at most, and only its first elements.</param>
    public static JsonShape Detect(Func<Stream> open, ImportLimits limits)
    {
        using var lines = open();
        var reader = new LineReader(new ByteWindow(lines), limits.LineBytes);
        var shape = new JsonShape(IsLines(reader), limits);
        using var text = open();
        var seen = 0;
        foreach (var names in shape.ProbeElements(text))
        {
            shape._names.UnionWith(names);
            if (++seen == ProbedElements)
            {
                break;
            }
        }

        return shape;
    }

    public void Read(Stream text, SourceColumns columns, RowSink sink)
    {
        var keep = columns.RepeatsMessages ? new LastOfMessage() : null;
        if (_isLines)
        {
            ReadLines(text, columns, sink, keep);
        }
        else
        {
            ReadDocument(text, columns, sink);
        }

        keep?.Complete(sink);
    }

    private void ReadLines(Stream text, SourceColumns columns, RowSink sink, LastOfMessage? keep)
    {
        var lines = new LineReader(new ByteWindow(text), _limits.LineBytes);
        var records = new JsonRecords();
        while (lines.Read())
        {
            if (lines.IsTooLong)
            {
                sink.Refuse(lines.Number, $"longer than {_limits.LineBytes} bytes");
            }
            else if (!lines.Line.TrimStart(" \t"u8).IsEmpty)
            {
                ReadElement(records, lines.Line, lines.Number, columns, sink, raw => Accept(raw, sink, keep));
            }
        }
    }

    private void ReadDocument(Stream text, SourceColumns columns, RowSink sink)
    {
        var elements = new ElementReader(new ByteWindow(text), _limits.ElementBytes);
        var records = new JsonRecords();
        var number = 0L;
        while (elements.Read())
        {
            if (elements.IsTooLong)
            {
                sink.Refuse(++number, $"longer than {_limits.ElementBytes} bytes");
                continue;
            }

            ReadElement(records, elements.Element, elements.Number, columns, sink, raw =>
            {
                raw.Line = ++number;
                Accept(raw, sink, null);
            });
        }

        if (elements.IsCut)
        {
            throw new ImportRefusedException("damaged_file",
                $"The JSON ends before its brackets close, after {elements.Number} elements. Export it again, or drop it as JSONL.");
        }
    }

    private static void ReadElement(JsonRecords records, ReadOnlySpan<byte> json, long line, SourceColumns columns, RowSink sink, Action<RawRecord> accept)
    {
        try
        {
            if (json.TrimStart(" \t\r"u8) is not [(byte)'{', ..])
            {
                sink.Refuse(line, "not a JSON object");
                return;
            }

            records.Read(json, line, columns, accept);
        }
        catch (JsonException error)
        {
            sink.Refuse(line, $"not valid JSON at byte {error.BytePositionInLine}");
        }
        catch (InvalidOperationException) // a string that is no valid UTF-8 or UTF-16
        {
            sink.Refuse(line, "not UTF-8 text");
        }
    }

    private static void Accept(RawRecord raw, RowSink sink, LastOfMessage? keep)
    {
        LiteLlmUsage.Expand(raw);
        if (keep is not null)
        {
            keep.Add(raw, sink);
        }
        else
        {
            sink.Accept(raw);
        }
    }

    private static bool IsLines(LineReader reader)
    {
        while (reader.Read())
        {
            if (reader.IsTooLong)
            {
                return false;
            }

            var line = reader.Line.Trim(" \t"u8);
            if (line.IsEmpty)
            {
                continue;
            }

            if (line[0] != '{')
            {
                return false;
            }

            // {"a":1} and nothing but lines behind it, against { that a document begins with.
            return IsWhole(line) && !(HasList(line) && !reader.Read());
        }

        return false;
    }

    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            return json.Read() && json.TrySkip() && json.TokenType == JsonTokenType.EndObject;
        }
        catch (JsonException)
        {
            return line.EndsWith("}"u8) && line.Length > 1; // a damaged line among lines
        }
    }

    private static bool HasList(ReadOnlySpan<byte> line) => line.IndexOf("[{"u8) >= 0 || line.IndexOf("[ {"u8) >= 0;

    private IEnumerable<HashSet<string>> ProbeElements(Stream text)
    {
        var window = new ByteWindow(text);
        var lines = new LineReader(window, _limits.LineBytes);
        var elements = new ElementReader(window, _limits.ElementBytes);
        while (_isLines ? lines.Read() : elements.Read())
        {
            var names = new HashSet<string>();
            try
            {
                var reader = new Utf8JsonReader(_isLines ? lines.Line : elements.Element);
                using var document = JsonDocument.ParseValue(ref reader);
                JsonRecords.CollectNames(document.RootElement, names);
            }
            catch (JsonException)
            {
                // Said when the rows are read, with the line.
            }

            yield return names;
        }
    }
}
