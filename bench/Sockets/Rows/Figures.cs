using System.Globalization;

namespace Throughline.Bench.Sockets.Rows;

/// <summary>Figures with as many digits as they are good for.</summary>
internal static class Figures
{
    public static string Of(double value) => value.ToString(Math.Abs(value) switch { >= 1000 => "N0", >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
