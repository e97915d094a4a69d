using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Throughline.Backend.Threads;

/// <summary>One entry of a thread's log, encoded once: the event as stored, and around it the frame that every socket gets.</summary>
internal sealed class LogEntry
{
    private readonly byte[] _frame;
    private readonly int _eventStart;

    private LogEntry(long seq, byte[] frame, int eventStart) => (Seq, _frame, _eventStart, NumberedAt) = (seq, frame, eventStart, Stopwatch.GetTimestamp());

    /// <summary>Position in the thread: 1, 2, 3 … with no gap.</summary>
    public long Seq { get; }

    /// <summary>When this node had it first, as <see cref="Stopwatch"/> tells time.</summary>
    public long NumberedAt { get; }

    /// <summary>The AG-UI event, UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Event => _frame.AsMemory(_eventStart, _frame.Length - _eventStart - 1);

    /// <summary><c>{"type":"event","threadId":…,"seq":…,"event":…}</c>, shared by all sockets of this node.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;

    public static LogEntry Create(string threadId, long seq, ReadOnlySpan<byte> json)
    {
        var id = JsonEncodedText.Encode(threadId);
        var head = new ArrayBufferWriter<byte>(64 + id.EncodedUtf8Bytes.Length);
        head.Write("{\"type\":\"event\",\"threadId\":\""u8);
        head.Write(id.EncodedUtf8Bytes);
        head.Write("\",\"seq\":"u8);
        Span<byte> number = stackalloc byte[20];
        seq.TryFormat(number, out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
        head.Write(number[..digits]);
        head.Write(",\"event\":"u8);

        var frame = new byte[head.WrittenCount + json.Length + 1];
        head.WrittenSpan.CopyTo(frame);
        json.CopyTo(frame.AsSpan(head.WrittenCount));
        frame[^1] = (byte)'}';
        return new LogEntry(seq, frame, head.WrittenCount);
    }

    public override string ToString() => Encoding.UTF8.GetString(_frame);
}
