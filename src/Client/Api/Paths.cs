using System.Globalization;
using System.Text;

namespace Throughline.Client.Api;

/// <summary>Paths and queries with every value escaped: ids may be any string of the caller's.</summary>
internal static class Paths
{
    public static string Of(string root, string id, string? tail = null) =>
        $"{root}/{Uri.EscapeDataString(id)}{(tail is null ? "" : "/" + tail)}";

    public static string With(string path, params ReadOnlySpan<(string Name, object? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (value is null)
                continue;
            text.Append(separator).Append(name).Append('=')
                .Append(Uri.EscapeDataString(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
            separator = '&';
        }

        return text.ToString();
    }
}
