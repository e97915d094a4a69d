using System.Diagnostics;
using System.Globalization;
using System.Text;

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

    public static LogEntry Create(FrameHead head, long seq, ReadOnlySpan<byte> json)
    {
        Span<byte> number = stackalloc byte[20];
        seq.TryFormat(number, out var digits, default, CultureInfo.InvariantCulture);
        var eventStart = head.Bytes.Length + digits + FrameHead.Event.Length;

        var frame = new byte[eventStart + json.Length + 1];
        head.Bytes.CopyTo(frame);
        number[..digits].CopyTo(frame.AsSpan(head.Bytes.Length));
        FrameHead.Event.CopyTo(frame.AsSpan(head.Bytes.Length + digits));
        json.CopyTo(frame.AsSpan(eventStart));
        frame[^1] = (byte)'}';
        return new LogEntry(seq, frame, eventStart);
    }

    public override string ToString() => Encoding.UTF8.GetString(_frame);
}
