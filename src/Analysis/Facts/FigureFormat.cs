using System.Globalization;

namespace Throughline.Analysis.Facts;

/// <summary>The only place that prints numbers: invariant culture, halves rounded away from zero.</summary>
/// <remarks>
/// US dollars have two decimals; below one dollar, as many as three significant digits need. Percent and times have one
/// decimal, counts none, milliseconds none and seconds two.
/// </remarks>
public static class FigureFormat
{
    private const string NoBreakSpace = "\u00a0";

    public static string Print(decimal value, string unit, int? places = null) => Print(value, unit, places, out _);

    /// <param name="precision">Decimal places that were printed.</param>
    public static string Print(decimal value, string unit, int? places, out int precision)
    {
        switch (unit)
        {
            case FactUnit.Usd or FactUnit.UsdPerMillion:
                precision = places ?? MoneyPlaces(value);
                var amount = Number(Math.Abs(value), precision);
                return value < 0 && Math.Round(value, precision, MidpointRounding.AwayFromZero) != 0 ? $"-${amount}" : $"${amount}";
            case FactUnit.Percent:
                precision = places ?? 1;
                return Number(value, precision) + NoBreakSpace + "%";
            case FactUnit.Times:
                precision = places ?? 1;
                return Number(value, precision) + NoBreakSpace + "times";
            case FactUnit.Milliseconds when Math.Abs(value) >= 1000:
                precision = places ?? 2;
                return Number(value / 1000, precision) + NoBreakSpace + "s";
            case FactUnit.Milliseconds:
                precision = places ?? 0;
                return Number(value, precision) + NoBreakSpace + "ms";
            default:
                precision = places ?? 0;
                return Number(value, precision);
        }
    }

    /// <summary>The exact value as the wire carries it: no exponent, no trailing zeros.</summary>
    public static string Exact(decimal value) => value.ToString("0.############################", CultureInfo.InvariantCulture);

    private static string Number(decimal value, int places) =>
        Math.Round(value, places, MidpointRounding.AwayFromZero).ToString("N" + places.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static int MoneyPlaces(decimal value)
    {
        value = Math.Abs(value);
        if (value is 0 or >= 1) return 2;
        var places = 2;
        for (var scaled = value * 100; scaled < 100 && places < 12; scaled *= 10) places++;
        // Three significant digits, but $0.35, not $0.350.
        while (places > 2 && Math.Round(value, places, MidpointRounding.AwayFromZero) == Math.Round(value, places - 1, MidpointRounding.AwayFromZero)) places--;
        return places;
    }
}
