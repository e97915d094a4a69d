namespace Throughline.Analysis.Import.Sources;

/// <summary>A sliding view of a stream: unread bytes lie between <see cref="Start"/> and <see cref="End"/>.</summary>
internal sealed class ByteWindow(Stream stream)
{
    public byte[] Buffer { get; private set; } = new byte[256 << 10];
    public int Start { get; set; }
    public int End { get; private set; }
    public bool IsAtEnd { get; private set; }

    public Span<byte> Unread => Buffer.AsSpan(Start, End - Start);

    /// <summary>Reads more behind the unread bytes, making room first.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool Fill()
    {
        if (IsAtEnd)
        {
            return false;
        }

        if (Start > 0)
        {
            Unread.CopyTo(Buffer);
            (Start, End) = (0, End - Start);
        }

        if (End == Buffer.Length)
        {
            var larger = new byte[Buffer.Length * 2];
            Unread.CopyTo(larger);
            Buffer = larger;
        }

        var read = stream.Read(Buffer, End, Buffer.Length - End);
        End += read;
        IsAtEnd = read == 0;
        return read > 0;
    }
}
