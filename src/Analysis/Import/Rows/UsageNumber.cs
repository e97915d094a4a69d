using System.Buffers.Text;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Reads counts and measures. Strict: what has two readings (<c>1,234</c>) is refused.</summary>
internal static class UsageNumber
{
    /// <summary>No request has a trillion tokens; sums of what is below it fit every type they meet.</summary>
    public const long MostTokens = 1_000_000_000_000;

    /// <summary>A whole number from 0: <c>12</c>, also <c>12.0</c> as spreadsheets and data frames write it.</summary>
    public static bool TryCount(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > 32)
        {
            return false;
        }

        var i = 0;
        for (; i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            value = value * 10 + (text[i] - '0');
            if (value > MostTokens)
            {
                return false;
            }
        }

        if (i == 0)
        {
            return false;
        }

        if (i == text.Length)
        {
            return true;
        }

        return text[i] == '.' && i + 1 < text.Length && text[(i + 1)..].IndexOfAnyExcept((byte)'0') < 0;
    }

    public static bool TryMeasure(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value) && value >= 0;

    /// <summary>Dollars: <c>0.0125</c>, <c>$0.0125</c>, <c>1.25e-05</c>.</summary>
    public static bool TryMoney(ReadOnlySpan<byte> text, out decimal value)
    {
        text = !text.IsEmpty && text[0] == '$' ? text[1..] : text;
        var format = text.IndexOfAny((byte)'e', (byte)'E') >= 0 ? 'E' : default;
        return Utf8Parser.TryParse(text, out value, out var used, format) && used == text.Length
            && value is >= 0 and < 1_000_000_000_000m;
    }
}
