using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;

namespace Throughline.Bench.Sockets;

/// <summary>What is published: 128 bytes of JSON that say when, and the how manieth of its stream it is. All processes of a machine share the clock of <see cref="Stopwatch"/>.</summary>
/// <remarks><c>{"type":"CUSTOM","t":123,"n":1,"p":"xxx…"}</c></remarks>
internal static class Event
{
    public const int Length = 128;

    private static ReadOnlySpan<byte> Mark => "\"t\":"u8;

    private static ReadOnlySpan<byte> NumberMark => ",\"n\":"u8;

    public static byte[] Create(long number)
    {
        var json = new byte[Length];
        Utf8.TryWrite(json, CultureInfo.InvariantCulture, $"{{\"type\":\"CUSTOM\",\"t\":{Stopwatch.GetTimestamp()},\"n\":{number},\"p\":\"", out var head);
        json.AsSpan(head).Fill((byte)'x');
        "\"}"u8.CopyTo(json.AsSpan(Length - 2));
        return json;
    }

    /// <summary>How long the filling is that makes the event that long.</summary>
    public static int FillingOf(long timestamp, long number) =>
        Length - "{\"type\":\"CUSTOM\",\"t\":,\"n\":,\"p\":\"\"}".Length - Digits(timestamp) - Digits(number);

    /// <summary>The next event in a message, whatever it is wrapped in; the message is then what follows it.</summary>
    public static bool TryFind(ref ReadOnlySpan<byte> message, out long timestamp, out long number)
    {
        (timestamp, number) = (0, 0);
        if (message.IndexOf(Mark) is not (>= 0 and var at)) return false;
        message = message[(at + Mark.Length)..];
        if (!Utf8Parser.TryParse(message, out timestamp, out var digits)) return false;
        message = message[digits..];
        if (!message.StartsWith(NumberMark)) return false;
        message = message[NumberMark.Length..];
        return Utf8Parser.TryParse(message, out number, out _);
    }

    private static int Digits(long value)
    {
        var digits = 1;
        while ((value /= 10) > 0) digits++;
        return digits;
    }
}
