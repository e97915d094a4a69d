using System.IO.Compression;
using System.Text;

namespace Throughline.Analysis.Import.Sources;

/// <summary>An uploaded file as a stream of UTF-8 without a byte order mark, inflated if it is gzip.</summary>
internal sealed class SourceFile : IDisposable
{
    private readonly FileStream _file;

    private SourceFile(FileStream file, Stream text) => (_file, Text) = (file, text);

    public Stream Text { get; }

    /// <summary>Bytes of the uploaded file that were taken so far.</summary>
    public long BytesRead => _file.Position;

    public long BytesTotal => _file.Length;

    public static SourceFile Open(string path, ImportLimits limits)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            Span<byte> start = stackalloc byte[4];
            Stream stream = IsGzip(start[..file.ReadAtLeast(start, 4, false)]) ? Inflate(file, limits) : file;
            file.Position = 0;
            var read = stream.ReadAtLeast(start, 4, false);
            var head = start[..read].ToArray();
            var whole = new PrefixedStream(head, stream);
            Stream text = head switch
            {
                [0xEF, 0xBB, 0xBF, ..] => new PrefixedStream(head[3..], stream),
                [0xFF, 0xFE, ..] => Encoding.CreateTranscodingStream(new PrefixedStream(head[2..], stream), Encoding.Unicode, Encoding.UTF8),
                [0xFE, 0xFF, ..] => Encoding.CreateTranscodingStream(new PrefixedStream(head[2..], stream), Encoding.BigEndianUnicode, Encoding.UTF8),
                _ => whole,
            };
            return new SourceFile(file, text);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static bool IsGzip(ReadOnlySpan<byte> start) => start is [0x1F, 0x8B, 0x08, ..];

    private static GuardedStream Inflate(FileStream file, ImportLimits limits) =>
        new(new GZipStream(file, CompressionMode.Decompress), file, limits);

    public void Dispose()
    {
        Text.Dispose();
        _file.Dispose();
    }
}
