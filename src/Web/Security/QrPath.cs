using System.Text;
using QRCoder;

namespace Throughline.Web.Security;

/// <summary>A QR code as one SVG path: a unit square per dark module, those of a row joined.</summary>
internal static class QrPath
{
    /// <returns>The side of the square in modules, quiet zone included, and the path.</returns>
    public static (int Size, string Path) Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                if (!rows[y][x])
                    continue;
                var from = x;
                while (x + 1 < rows.Count && rows[y][x + 1])
                    x++;
                var width = x - from + 1;
                path.Append(System.Globalization.CultureInfo.InvariantCulture, $"M{from} {y}h{width}v1h-{width}z");
            }
        }

        return (rows.Count, path.ToString());
    }
}
