using System.Globalization;
using Throughline.Contracts.Agents;

namespace Throughline.Web.Charts;

/// <summary>Where a line chart's values lie: 0 at the bottom, a round number at the top, at most four lines between.</summary>
public sealed class ChartScale
{
    private readonly int _points;

    public ChartScale(IReadOnlyList<ChartPoint> points)
    {
        _points = points.Count;
        var largest = points.Count == 0 ? 0 : points.Max(point => Math.Max(Number(point.Value), Number(point.High)));
        var step = RoundStep(largest / 3);
        Top = step * Math.Max(1, Math.Ceiling(largest / step));
        Lines = [.. Enumerable.Range(0, (int)(Top / step) + 1).Select(i => i * step)];
    }

    public double Top { get; }

    /// <summary>Values of the grid lines, from 0 up.</summary>
    public IReadOnlyList<double> Lines { get; }

    /// <summary>0 at the left, 100 at the right.</summary>
    public double X(int index) => _points <= 1 ? 50 : 100d * index / (_points - 1);

    /// <summary>0 at the top, 100 at the bottom, as SVG counts.</summary>
    public double Y(double value) => 100 - 100 * Math.Clamp(value / Top, 0, 1);

    public double Y(string? value) => Y(Number(value));

    /// <summary>A value as the axis prints it: short, and with its unit where that is money.</summary>
    public static string Label(double value, string unit)
    {
        var text = value switch
        {
            >= 1_000_000 => (value / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + "M",
            >= 1_000 => (value / 1_000).ToString("0.##", CultureInfo.InvariantCulture) + "k",
            _ => value.ToString("0.####", CultureInfo.InvariantCulture),
        };
        return unit == "usd" ? "$" + text : unit == "percent" ? text + " %" : text;
    }

    public static double Number(string? value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // 1, 2 or 5 times a power of ten, the next at or above.
    private static double RoundStep(double atLeast)
    {
        if (atLeast <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        double[] steps = [1, 2, 2.5, 5, 10];
        return power * steps.First(step => step * power >= atLeast * 0.999999);
    }
}
