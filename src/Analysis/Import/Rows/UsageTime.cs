using System.Buffers.Text;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Reads times that have one meaning only: ISO 8601 and Unix time. <c>03/04/2025</c> is refused, not guessed.</summary>
internal static class UsageTime
{
    private static readonly long Earliest = new DateTime(2010, 1, 1).Ticks;
    private static readonly long Latest = new DateTime(2100, 1, 1).Ticks;

    /// <param name="text">
    /// <c>2025-03-01</c>, <c>2025-03-01 10:20:30.1234567</c>, <c>2025-03-01T10:20:30+02:00</c>, <c>1740823230</c> (s, ms, µs or ns
    /// by the number of digits), <c>1740823230.5</c>. Without an offset: UTC.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime at)
    {
        text = text.Trim((byte)' ');
        at = default;
        if (text.Length is < 8 or > 40 || !TicksOf(text, out var ticks) || ticks < Earliest || ticks >= Latest)
        {
            return false;
        }

        at = new DateTime(ticks, DateTimeKind.Unspecified);
        return true;
    }

    private static bool TicksOf(ReadOnlySpan<byte> text, out long ticks) =>
        text[4] is (byte)'-' or (byte)'/' ? TryIso(text, out ticks) : TryUnix(text, out ticks);

    private static bool TryUnix(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!Utf8Parser.TryParse(text, out decimal value, out var used) || used != text.Length || value < 0)
        {
            return false;
        }

        var perTick = value switch
        {
            < 100_000_000_000m => 10_000_000m,
            < 100_000_000_000_000m => 10_000m,
            < 100_000_000_000_000_000m => 10m,
            < 100_000_000_000_000_000_000m => 0.01m,
            _ => 0m,
        };
        ticks = DateTime.UnixEpoch.Ticks + (long)(value * perTick);
        return perTick > 0;
    }

    private static bool TryIso(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 10 || text[7] != text[4]
            || !Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        ticks = new DateTime(year, month, day).Ticks;
        return text.Length == 10 || (text[10] is (byte)'T' or (byte)'t' or (byte)' ' && TryTimeOfDay(text[11..], ref ticks));
    }

    // 10:20, 10:20:30, 10:20:30.123456789, each with Z, UTC, +02, +0200 or +02:00 behind, perhaps after a blank
    private static bool TryTimeOfDay(ReadOnlySpan<byte> text, ref long ticks)
    {
        if (text.Length < 5 || text[2] != ':' || !Digits(text, 0, 2, out var hour) || !Digits(text, 3, 2, out var minute)
            || hour > 23 || minute > 59)
        {
            return false;
        }

        ticks += hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute;
        text = text[5..];
        if (text.Length >= 3 && text[0] == ':')
        {
            if (!Digits(text, 1, 2, out var second) || second > 59)
            {
                return false;
            }

            ticks += second * TimeSpan.TicksPerSecond;
            text = text[3..];
        }

        if (text.Length > 1 && text[0] is (byte)'.' or (byte)',')
        {
            text = text[1..];
            var digits = 0;
            for (var scale = TimeSpan.TicksPerSecond / 10; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++, scale /= 10)
            {
                ticks += (text[digits] - '0') * scale;
            }

            if (digits == 0)
            {
                return false;
            }

            text = text[digits..];
        }

        return TryOffset(text.TrimStart((byte)' '), ref ticks);
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, ref long ticks)
    {
        if (text.IsEmpty || text.SequenceEqual("Z"u8) || text.SequenceEqual("z"u8) || text.SequenceEqual("UTC"u8))
        {
            return true;
        }

        if (text[0] is not ((byte)'+' or (byte)'-') || !Digits(text, 1, 2, out var hours) || hours > 14)
        {
            return false;
        }

        var rest = text[3..];
        rest = !rest.IsEmpty && rest[0] == ':' ? rest[1..] : rest;
        var minutes = 0;
        if (!rest.IsEmpty && (rest.Length != 2 || !Digits(rest, 0, 2, out minutes) || minutes > 59))
        {
            return false;
        }

        var offset = hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute;
        ticks -= text[0] == '+' ? offset : -offset;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        if (start + count > text.Length)
        {
            return false;
        }

        foreach (var b in text.Slice(start, count))
        {
            if (b is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = value * 10 + (b - '0');
        }

        return true;
    }
}
