using System.Text;

namespace Throughline.Auth.Database;

/// <summary>Text that others chose, as both databases can store it and give it back unchanged.</summary>
internal static class StoredText
{
    /// <summary>No longer than the column, no half of a surrogate pair, no NUL: PostgreSQL refuses the last two.</summary>
    public static string Fit(string text, int maxLength)
    {
        // A cut may leave half a pair; the encoder replaces that like any other.
        if (text.Length > maxLength) text = text[..maxLength];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }
}
