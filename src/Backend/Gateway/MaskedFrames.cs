using Microsoft.AspNetCore.Http.Features;

namespace Throughline.Backend.Gateway;

/// <summary>
/// RFC 6455 §5.1: a server must close the connection at a frame that is not masked. .NET's WebSocket takes such a frame, so this follows
/// the frames' heads on their way to it, and ends the connection at one without a mask.
/// </summary>
internal sealed class MaskedFrames(IHttpUpgradeFeature upgrade) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    /// <summary>To be used before the WebSocket middleware, which takes the feature as it finds it.</summary>
    public static Task InsistAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
            context.Features.Set<IHttpUpgradeFeature>(new MaskedFrames(upgrade));
        return next(context);
    }

    public async Task<Stream> UpgradeAsync() => new FrameStream(await upgrade.UpgradeAsync());

    private sealed class FrameStream(Stream inner) : Stream
    {
        private const byte MaskBit = 0x80;
        private const int MaskLength = 4;

        // Where in a frame the next byte is.
        private int _headBytes; // of the two that begin it
        private int _lengthBytes; // that are still to come, where the length does not fit into the second
        private ulong _length;
        private ulong _rest; // of mask and payload

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Inspect(buffer.Span[..read]);
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private void Inspect(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                if (_rest > 0)
                {
                    var passed = (int)Math.Min(_rest, (ulong)bytes.Length);
                    _rest -= (ulong)passed;
                    bytes = bytes[passed..];
                    continue;
                }

                var next = bytes[0];
                bytes = bytes[1..];
                if (_lengthBytes > 0) (_length, _lengthBytes) = ((_length << 8) | next, _lengthBytes - 1);
                else if (++_headBytes == 2) ReadSecond(next);
                if (_headBytes == 2 && _lengthBytes == 0) (_rest, _headBytes) = (_length + MaskLength, 0);
            }
        }

        private void ReadSecond(byte second)
        {
            if ((second & MaskBit) == 0) throw new IOException("The peer sent a frame without a mask.");
            var length = second & ~MaskBit;
            (_length, _lengthBytes) = length switch { 126 => (0UL, 2), 127 => (0UL, 8), _ => ((ulong)length, 0) };
        }
    }
}
