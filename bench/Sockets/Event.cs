using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace Throughline.Bench.Sockets;

/// <summary>What is published: 128 bytes of JSON that say when. All processes of a machine share the clock of <see cref="Stopwatch"/>.</summary>
internal static class Event
{
    private const int Length = 128;

    private static ReadOnlySpan<byte> Mark => "\"t\":"u8;

    public static byte[] Now()
    {
        var head = $"{{\"type\":\"CUSTOM\",\"t\":{Stopwatch.GetTimestamp()},\"p\":\"";
        return Encoding.ASCII.GetBytes(head + new string('x', Length - head.Length - 2) + "\"}");
    }

    /// <summary>Calls back with the time of each event in a message, whatever it is wrapped in.</summary>
    public static void Find(ReadOnlySpan<byte> message, Action<long> found)
    {
        while (message.IndexOf(Mark) is >= 0 and var at)
        {
            message = message[(at + Mark.Length)..];
            if (Utf8Parser.TryParse(message, out long timestamp, out _)) found(timestamp);
        }
    }
}
