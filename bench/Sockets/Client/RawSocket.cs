using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Throughline.Bench.Sockets.Client;

/// <summary>A client's WebSocket that does no more than a load client needs, so that it takes as little as can be of the machine it shares with the server.</summary>
internal sealed class RawSocket : IDisposable
{
    private const int Text = 1, Closed = 8, Ping = 9, Pong = 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[4096];
    private int _start, _end;

    private RawSocket()
    {
    }

    /// <param name="target">Path and query.</param>
    /// <exception cref="HttpRequestException">The server refuses the upgrade.</exception>
    public static async Task<RawSocket> OpenAsync(Uri server, string target, string? token, string? protocol = null)
    {
        var raw = new RawSocket();
        try
        {
            await raw._socket.ConnectAsync(server.Host, server.Port);
            var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
            var subprotocol = protocol is null ? "" : $"Sec-WebSocket-Protocol: {protocol}\r\n";
            await raw.WriteAsync(Encoding.ASCII.GetBytes(
                $"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}{subprotocol}\r\n"));
            await raw.ReadAnswerAsync();
            return raw;
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    /// <summary>The next text message, good until the next call; null once the server closes. Pings are answered.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        while (true)
        {
            int header, length;
            while (!TryReadHeader(out header, out length) || _end - _start < header + length)
                if (!await FillAsync()) return null;

            var kind = _buffer[_start] & 0x0F;
            var payload = _buffer.AsMemory(_start + header, length);
            _start += header + length;
            if (kind == Text) return payload;
            if (kind == Closed) return null;
            if (kind == Ping) await SendAsync(Pong, payload);
        }
    }

    public ValueTask SendAsync(string text) => SendAsync(Text, Encoding.UTF8.GetBytes(text));

    /// <summary>Gone without a word: the peer gets a reset.</summary>
    public void Cut()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAnswerAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
            if (!await FillAsync()) throw new HttpRequestException("The server hung up.");
        if (!_buffer.AsSpan(0, end).StartsWith("HTTP/1.1 101"u8)) throw new HttpRequestException($"The server answered {Encoding.ASCII.GetString(_buffer, 0, end).Split("\r\n")[0]}.");
        _start = end + 4;
    }

    private bool TryReadHeader(out int header, out int length)
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        (header, length) = (2, 0);
        if (bytes.Length < 2) return false;
        length = bytes[1];
        if (length < 126) return true;
        header = length == 126 ? 4 : 10;
        if (bytes.Length < header) return false;
        length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
        return true;
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
        _end += read;
        return read > 0;
    }

    /// <summary>Masked with zeros, which changes no byte.</summary>
    private ValueTask SendAsync(int kind, ReadOnlyMemory<byte> payload)
    {
        var header = payload.Length < 126 ? 6 : 8;
        var frame = new byte[header + payload.Length];
        frame[0] = (byte)(0x80 | kind);
        frame[1] = (byte)(0x80 | (payload.Length < 126 ? payload.Length : 126));
        if (payload.Length >= 126) BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        payload.CopyTo(frame.AsMemory(header));
        return WriteAsync(frame);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes)..];
    }
}
