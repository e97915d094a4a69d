using Throughline.Web.Shell;

namespace Throughline.Web.Devices;

/// <summary>A device in words, from what its program says of itself.</summary>
internal static class Device
{
    public static string NameOf(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
            return "Unknown program";
        if (userAgent.Contains("throughline", StringComparison.OrdinalIgnoreCase))
            return "Throughline CLI";
        var browser = First(userAgent, ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"));
        var system = First(userAgent, ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"));
        return (browser, system) switch
        {
            ({ } b, { } s) => $"{b} on {s}",
            ({ } b, null) => b,
            _ => userAgent.Length <= 60 ? userAgent : userAgent[..59] + "…",
        };
    }

    public static string IconOf(string? userAgent) => NameOf(userAgent) switch
    {
        var name when name.EndsWith("iPhone", StringComparison.Ordinal) || name.EndsWith("Android", StringComparison.Ordinal) => Glyphs.Phone,
        "Throughline CLI" => Glyphs.Terminal,
        _ => Glyphs.Laptop,
    };

    private static string? First(string text, params (string Mark, string Name)[] candidates) =>
        candidates.FirstOrDefault(candidate => text.Contains(candidate.Mark, StringComparison.Ordinal)).Name;
}
