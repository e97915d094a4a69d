using System.Text.RegularExpressions;
using QRCoder;
using Throughline.Web.Security;

namespace Throughline.Web.Tests.Security;

public sealed partial class DrawingAQrCode
{
    private const string Text = "otpauth://totp/Throughline:maya%40northwind.example?secret=I2XETFGYMWSOGV34G3CYS4JWRWZZ4M4R&issuer=Throughline";

    [Fact]
    public void The_path_covers_the_dark_modules_and_no_other()
    {
        var (size, path) = QrPath.Of(Text);
        using var code = QRCodeGenerator.GenerateQrCode(Text, QRCodeGenerator.ECCLevel.M);
        var drawn = Enumerable.Range(0, size).Select(_ => new bool[size]).ToArray();
        foreach (Match run in Run().Matches(path))
            for (var x = 0; x < Number(run, 3); x++)
                drawn[Number(run, 2)][Number(run, 1) + x] = true;
        Assert.Equal(code.ModuleMatrix.Select(row => row.Cast<bool>()), drawn);
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"M(\d+) (\d+)h(\d+)v1h-\3z")]
    private static partial Regex Run();
}
