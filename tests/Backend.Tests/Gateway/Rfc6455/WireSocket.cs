using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Throughline.Backend.Tests.Gateway.Rfc6455;

/// <summary>A WebSocket client that is nothing but bytes on a TCP connection, so that it can break every rule of RFC 6455.</summary>
internal sealed class WireSocket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private WireSocket(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    /// <summary>Upgrades, and takes the <c>hello</c> frame.</summary>
    public static async Task<WireSocket> OpenAsync(Uri socket, string token, CancellationToken stop)
    {
        var wire = await ConnectAsync(socket, stop);
        var answer = await wire.UpgradeAsync(socket, token, new Dictionary<string, string?>(), stop);
        Assert.StartsWith("HTTP/1.1 101", answer, StringComparison.Ordinal);
        Assert.Equal("hello", RawSocket.TypeOf(JsonElement.Parse((await wire.ReadAsync(stop))!.Value.Payload)));
        return wire;
    }

    public static async Task<WireSocket> ConnectAsync(Uri socket, CancellationToken stop)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, socket.Port, stop);
        return new(tcp);
    }

    /// <param name="changes">Header fields to send otherwise; null leaves one out.</param>
    /// <returns>The head of the answer.</returns>
    public async Task<string> UpgradeAsync(Uri socket, string token, IReadOnlyDictionary<string, string?> changes, CancellationToken stop)
    {
        var fields = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Host"] = $"{socket.Host}:{socket.Port}",
            ["Upgrade"] = "websocket",
            ["Connection"] = "Upgrade",
            ["Sec-WebSocket-Key"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
            ["Sec-WebSocket-Version"] = "13",
            ["Sec-WebSocket-Protocol"] = "throughline.v1",
            ["Authorization"] = $"Bearer {token}",
        };
        foreach (var (name, value) in changes) fields[name] = value;
        var head = string.Concat(fields.Where(field => field.Value is not null).Select(field => $"{field.Key}: {field.Value}\r\n"));
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /ws HTTP/1.1\r\n{head}\r\n"), stop);

        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one, stop) == 1) answer.Append((char)one[0]);
        return answer.ToString();
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop) => _stream.WriteAsync(bytes, stop).AsTask();

    public Task SendAsync(Frame frame, CancellationToken stop) => SendAsync(frame.Encode(), stop);

    /// <summary>The next frame; null where the connection has ended.</summary>
    public async Task<Frame?> ReadAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            var head = new byte[2];
            await _stream.ReadExactlyAsync(head, limit.Token);
            Assert.Equal(0, head[1] & 0x80); // §5.1: a server masks nothing
            long length = head[1] & 0x7F;
            if (length >= 126)
            {
                var more = new byte[length == 126 ? 2 : 8];
                await _stream.ReadExactlyAsync(more, limit.Token);
                length = more.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(more) : BinaryPrimitives.ReadInt64BigEndian(more);
            }

            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, limit.Token);
            return new(head[0] & 0x0F, payload, IsFinal: (head[0] & 0x80) != 0, Reserved: (head[0] >> 4) & 7);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"No frame within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Reads to the close frame.</summary>
    /// <returns>Its code; 1005 for one without, null where the connection ended without a close frame.</returns>
    public async Task<int?> CloseCodeAsync(CancellationToken stop)
    {
        while (await ReadAsync(stop) is { } frame)
            if (frame.Opcode == Frame.Close) return frame.Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(frame.Payload) : 1005;
        return null;
    }

    public void Dispose() => _tcp.Dispose();
}

/// <summary>One frame on the wire (RFC 6455 §5.2).</summary>
internal readonly record struct Frame(int Opcode, byte[] Payload, bool IsFinal = true, int Reserved = 0, bool IsMasked = true)
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    public static Frame OfText(string text) => new(Text, Encoding.UTF8.GetBytes(text));

    public static Frame OfClose(int code, params byte[] reason) => new(Close, [(byte)(code >> 8), (byte)code, .. reason]);

    public byte[] Encode()
    {
        var mask = IsMasked ? 0x80 : 0;
        byte[] length = Payload.Length switch
        {
            < 126 => [(byte)(mask | Payload.Length)],
            <= ushort.MaxValue => [(byte)(mask | 126), (byte)(Payload.Length >> 8), (byte)Payload.Length],
            _ => [(byte)(mask | 127), 0, 0, 0, 0, (byte)(Payload.Length >> 24), (byte)(Payload.Length >> 16), (byte)(Payload.Length >> 8), (byte)Payload.Length],
        };
        byte[] key = IsMasked ? [0x12, 0x34, 0x56, 0x78] : [];
        return [(byte)((IsFinal ? 0x80 : 0) | (Reserved << 4) | Opcode), .. length, .. key, .. IsMasked ? Payload.Select((b, i) => (byte)(b ^ key[i % 4])) : Payload];
    }
}
