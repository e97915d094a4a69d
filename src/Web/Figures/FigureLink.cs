namespace Throughline.Web.Figures;

/// <summary>How a text refers to a figure's source: <c>[$47.61](#f-FACTID)</c>.</summary>
internal static class FigureLink
{
    private const string Prefix = "#f-";

    public static Guid? FactIdOf(string? url) =>
        url?.StartsWith(Prefix, StringComparison.Ordinal) == true && Guid.TryParse(url.AsSpan(Prefix.Length), out var factId) ? factId : null;
}
