namespace Throughline.Analysis.Import.Sources;

/// <summary>Reads RFC 4180 records as bytes: quoted delimiters and line breaks, doubled quotes, LF or CRLF.</summary>
/// <remarks>One bad record never takes its neighbours with it: reading goes on at the next line.</remarks>
internal sealed class CsvReader(ByteWindow window, byte delimiter, int longest)
{
    private const int MostUnclosed = 10_000; // each costs a look ahead of up to the longest record
    private readonly List<(int Start, int Length, bool HasDoubledQuotes)> _fields = [];
    private readonly byte[] _stops = [delimiter, (byte)'\n', (byte)'\r'];
    private long _nextLine = 1;
    private int _unclosed;

    /// <summary>Line on which the record begins, from 1.</summary>
    public long Line { get; private set; }

    public int FieldCount => _fields.Count;

    /// <summary>What is wrong with the record; null if nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether so many quotes stay open that going on makes no sense.</summary>
    public bool IsHopeless => _unclosed > MostUnclosed;

    /// <summary>Moves to the next record that is not blank.</summary>
    public bool Read()
    {
        while (!IsHopeless)
        {
            if (window.Unread.IsEmpty && !window.Fill())
            {
                return false;
            }

            Line = _nextLine;
            Fault = null;
            var length = Parse(window.Start, out var lines);
            if (length < 0)
            {
                if (window.Unread.Length <= longest && !window.IsAtEnd)
                {
                    window.Fill();
                    continue;
                }

                SkipLine(window.Unread.Length > longest);
                return true;
            }

            window.Start += length;
            _nextLine += lines;
            if (_fields.Count == 1 && _fields[0].Length == 0 && Fault is null)
            {
                continue; // a blank line
            }

            if (length > longest + 2)
            {
                Fault = $"longer than {longest} bytes";
            }

            return true;
        }

        return false;
    }

    /// <summary>A field of the current record; valid until the next read.</summary>
    public ReadOnlySpan<byte> Field(int index)
    {
        var (start, length, hasDoubledQuotes) = _fields[index];
        var span = window.Buffer.AsSpan(start, length);
        if (!hasDoubledQuotes)
        {
            return span;
        }

        var plain = new byte[length];
        var used = 0;
        for (var i = 0; i < span.Length; i++)
        {
            plain[used++] = span[i];
            i += span[i] == '"' ? 1 : 0;
        }

        return plain.AsSpan(0, used);
    }

    /// <returns>Length of the record with its line end; -1 where it does not end inside the window.</returns>
    private int Parse(int start, out int lines)
    {
        _fields.Clear();
        lines = 1;
        var at = start;
        var end = window.End;
        while (true)
        {
            int fieldStart = at, fieldLength;
            var hasDoubled = false;
            if (at < end && window.Buffer[at] == '"')
            {
                fieldStart = ++at;
                if (!SkipQuoted(ref at, ref lines, out hasDoubled))
                {
                    return -1;
                }

                fieldLength = at - 1 - fieldStart;
                var stop = window.Buffer.AsSpan(at, end - at).IndexOfAny(_stops);
                if (stop > 0 && window.Buffer.AsSpan(at, stop).IndexOfAnyExcept((byte)' ') >= 0)
                {
                    Fault = "text after a closing quote";
                }

                at = stop < 0 ? end : at + stop;
            }
            else
            {
                var stop = window.Buffer.AsSpan(at, end - at).IndexOfAny(_stops);
                at = stop < 0 ? end : at + stop;
                fieldLength = at - fieldStart;
            }

            _fields.Add((fieldStart, fieldLength, hasDoubled));
            if (at == end)
            {
                return window.IsAtEnd ? at - start : -1;
            }

            if (window.Buffer[at] == delimiter)
            {
                at++;
                continue;
            }

            if (window.Buffer[at] == '\n')
            {
                return at + 1 - start;
            }

            // CR: with the LF behind it one line end, alone one as well.
            if (at + 1 == end && !window.IsAtEnd)
            {
                return -1;
            }

            return (at + 1 < end && window.Buffer[at + 1] == '\n' ? at + 2 : at + 1) - start;
        }
    }

    private bool SkipQuoted(ref int at, ref int lines, out bool hasDoubled)
    {
        hasDoubled = false;
        while (true)
        {
            var rest = window.Buffer.AsSpan(at, window.End - at);
            var quote = rest.IndexOf((byte)'"');
            if (quote < 0 || (quote + 1 == rest.Length && !window.IsAtEnd))
            {
                return false;
            }

            lines += rest[..quote].Count((byte)'\n');
            at += quote + 1;
            if (quote + 1 == rest.Length || rest[quote + 1] != '"')
            {
                return true;
            }

            hasDoubled = true;
            at++;
        }
    }

    /// <summary>Gives up the line on which the record begins: it is too long, or its quote never closes.</summary>
    private void SkipLine(bool isTooLong)
    {
        _fields.Clear();
        _nextLine++;
        _unclosed++;
        var newline = window.Unread.IndexOf((byte)'\n');
        Fault = isTooLong && (newline < 0 || newline > longest) ? $"longer than {longest} bytes" : "a quote is not closed";
        while (newline < 0)
        {
            window.Start = window.End;
            if (!window.Fill())
            {
                return;
            }

            newline = window.Unread.IndexOf((byte)'\n');
        }

        window.Start += newline + 1;
    }
}
