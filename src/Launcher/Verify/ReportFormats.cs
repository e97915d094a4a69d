using Throughline.Verify;
using Throughline.Verify.Reports;

namespace Throughline.Launcher.Verify;

/// <summary>What <c>--format</c> asks for.</summary>
internal sealed record ReportFormats(bool IsForConsole, IReadOnlyList<IReportWriter> Files)
{
    private static readonly IReadOnlyList<IReportWriter> Known = [new MarkdownReport(), new HtmlReport(), new JsonReport(), new JUnitReport(), new CtrfReport()];

    public static ReportFormats Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var files = names.Where(n => n != "console").Select(name => Known.FirstOrDefault(w => w.Name == name)
            ?? throw new LauncherException(VerifyExit.Usage, $"There is no format '{name}'.", $"The formats are: console, {string.Join(", ", Known.Select(w => w.Name))}."));
        return new ReportFormats(names.Contains("console"), [.. files]);
    }
}
