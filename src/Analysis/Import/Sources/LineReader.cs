namespace Throughline.Analysis.Import.Sources;

/// <summary>Reads lines as bytes; a line that is too long is skipped without being held.</summary>
internal sealed class LineReader(ByteWindow window, int longest)
{
    private int _start, _length;

    /// <summary>The current line's number, from 1.</summary>
    public long Number { get; private set; }

    public bool IsTooLong { get; private set; }

    /// <summary>The current line without its end; valid until the next read.</summary>
    public ReadOnlySpan<byte> Line => window.Buffer.AsSpan(_start, _length).TrimEnd((byte)'\r');

    public bool Read()
    {
        var searched = 0;
        IsTooLong = false;
        while (true)
        {
            var newline = window.Unread[searched..].IndexOf((byte)'\n');
            if (newline >= 0 || (window.IsAtEnd && !window.Unread.IsEmpty))
            {
                (_start, _length) = (window.Start, newline >= 0 ? searched + newline : window.Unread.Length);
                window.Start += _length + (newline >= 0 ? 1 : 0);
                IsTooLong |= _length > longest;
                Number++;
                return true;
            }

            searched = window.Unread.Length;
            if (searched > longest)
            {
                IsTooLong = true;
                window.Start = window.End;
                searched = 0;
            }

            if (!window.Fill() && window.Unread.IsEmpty)
            {
                _length = 0;
                Number += IsTooLong ? 1 : 0;
                return IsTooLong;
            }
        }
    }
}
