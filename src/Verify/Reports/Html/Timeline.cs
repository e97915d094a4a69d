using System.Globalization;
using System.Text;
using static System.Net.WebUtility;

namespace Throughline.Verify.Reports;

/// <summary>When each check was at work, and what failed when.</summary>
internal static class Timeline
{
    private const int Width = 900;
    private const int Row = 22;
    private const int Left = 180;

    public static string Draw(VerifyResult result)
    {
        var total = Math.Max(1, (result.EndedAt - result.StartedAt).TotalMilliseconds);
        double X(DateTimeOffset at) => Left + (at - result.StartedAt).TotalMilliseconds / total * (Width - Left - 10);
        var checks = result.Checks.Where(c => result.Findings.Any(f => f.Check == c.Id && f.StartedAt is not null)).ToList();
        if (checks.Count == 0) return "<p>Nothing ran.</p>";
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"The timeline, drawn\"><svg role=\"img\" aria-label=\"{checks.Count} checks over {total / 1000:0.0} seconds\" viewBox=\"0 0 {Width} {checks.Count * Row + 30}\" width=\"{Width}\" height=\"{checks.Count * Row + 30}\">");
        for (var i = 0; i < checks.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"label\" x=\"0\" y=\"{i * Row + 15}\">{HtmlEncode(checks[i].Name)}</text>");
            foreach (var finding in result.Findings.Where(f => f.Check == checks[i].Id && f is { StartedAt: not null, EndedAt: not null }))
            {
                var (from, to) = (X(finding.StartedAt!.Value), X(finding.EndedAt!.Value));
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar {(finding.Verdict == Verdict.Passed ? "ok" : "bad")}\" x=\"{from:0.#}\" y=\"{i * Row + 4}\" width=\"{Math.Max(1.5, to - from):0.#}\" height=\"{Row - 8}\"><title>{HtmlEncode(finding.Id)} {finding.ElapsedMs:0} ms</title></rect>");
            }
        }

        for (var second = 0; second * 1000 <= total; second += Math.Max(1, (int)(total / 10_000)))
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"{Left + second * 1000 / total * (Width - Left - 10):0.#}\" y=\"{checks.Count * Row + 22}\">{second} s</text>");
        return svg.Append("</svg></div>").ToString();
    }
}
