using System.Globalization;
using System.Text;

namespace Throughline.Backend;

/// <summary>An opaque place in a paged list: numbers, so spelled that nobody is tempted to count with them.</summary>
internal static class Cursor
{
    public static string Of(params ReadOnlySpan<long> place) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Join('.', place.ToArray().Select(n => n.ToString(CultureInfo.InvariantCulture))))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <returns>The numbers; null where the text is no cursor of that many.</returns>
    public static long[]? Read(string text, int count)
    {
        var buffer = new byte[64];
        var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        if (text.Length > 64 || !Convert.TryFromBase64String(padded, buffer, out var length)) return null;
        var parts = Encoding.ASCII.GetString(buffer, 0, length).Split('.');
        var numbers = new long[count];
        if (parts.Length != count) return null;
        for (var i = 0; i < count; i++)
            if (!long.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])) return null;
        return numbers;
    }
}
