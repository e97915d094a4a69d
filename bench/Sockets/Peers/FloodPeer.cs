using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Throughline.Bench.Sockets.Peers;

/// <summary>Hardly a server: it answers the upgrade and then writes the same frames to all sockets, many at a time. What comes of that is how much the load client can take.</summary>
internal sealed class FloodPeer : IPeer
{
    private const string Salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
    private const int FramesAWrite = 16;

    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();

    public static async Task RunAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        var peer = new FloodPeer();
        var control = PeerControl.RunAsync(peer, $"http://{listener.LocalEndPoint}");
        _ = peer.AcceptAsync(listener);
        await control;
    }

    public Task PrepareAsync(int streams) => Task.CompletedTask;

    public ValueTask PublishAsync(int stream, long number) => ValueTask.CompletedTask;

    public Task FlushAsync() => Task.CompletedTask;

    public Task<string> AnswerAsync(string[] command) =>
        command is ["flood", var seconds] ? Task.Run(() => Flood(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)))) : throw new NotSupportedException();

    private string Flood(TimeSpan duration)
    {
        byte[] frame = [0x81, 126, 0, Event.Length, .. Event.Create(1)];
        byte[] frames = [.. Enumerable.Repeat(frame, FramesAWrite).SelectMany(bytes => bytes)];
        var began = Stopwatch.GetTimestamp();
        var sent = 0L;
        while (Stopwatch.GetElapsedTime(began) < duration)
            foreach (var socket in _sockets)
            {
                for (var rest = frames.AsSpan(); rest.Length > 0;) rest = rest[socket.Send(rest)..];
                sent += FramesAWrite;
            }

        return string.Create(CultureInfo.InvariantCulture, $"ok {sent}");
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            var buffer = new byte[8192];
            var length = 0;
            do length += await socket.ReceiveAsync(buffer.AsMemory(length));
            while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0);
            var key = Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n").First(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1.
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Salt)));
#pragma warning restore CA5350
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
            lock (_gate) _sockets.Add(socket);
        }
    }
}
