namespace Throughline.Analysis.Import.Sources;

/// <summary>Stops a gzip bomb while it inflates: by size, and by how much larger than the file it has become.</summary>
internal sealed class GuardedStream(Stream inflated, Stream compressed, ImportLimits limits) : Stream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        var read = inflated.Read(buffer);
        _read += read;
        if (_read > limits.InflatedBytes)
        {
            throw new ImportRefusedException("file_too_large",
                $"It inflates to more than {limits.InflatedBytes >> 30} GiB, the most that is read. Split it and drop the parts.");
        }

        if (_read > limits.InflationRatioFrom && _read / Math.Max(1, compressed.Position) > limits.InflationRatio)
        {
            throw new ImportRefusedException("file_too_large",
                $"It inflates to more than {limits.InflationRatio} times its size, which usage data does not. Drop the file uncompressed.");
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _read; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inflated.Dispose();
        }

        base.Dispose(disposing);
    }
}
