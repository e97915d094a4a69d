using System.Globalization;
using System.Text;
using static System.Net.WebUtility;

namespace Throughline.Verify.Reports;

/// <summary>Every assertion with what was seen of it; those that do not hold are open.</summary>
internal static class EvidenceList
{
    public static string Write(VerifyResult result, int each, int longest)
    {
        var html = new StringBuilder("<p><label for=\"find\">Find</label> <input id=\"find\" type=\"search\" autocomplete=\"off\"></p><div id=\"findings\">");
        foreach (var finding in result.Findings.OrderBy(f => f.Verdict switch { Verdict.Crashed => 0, Verdict.Failed => 1, Verdict.Blocked => 2, Verdict.Unknown => 3, Verdict.Passed => 4, Verdict.Excluded => 5 }))
        {
            var isBad = finding.Verdict is Verdict.Failed or Verdict.Crashed;
            html.Append(CultureInfo.InvariantCulture, $"<details id=\"{HtmlEncode(finding.Id)}\"{(isBad ? " open" : "")}><summary><span class=\"{Tone(finding.Verdict)}\">{Words.Of(finding.Verdict)}</span> <code>{HtmlEncode(finding.Id)}</code> {HtmlEncode(finding.Statement)}</summary>");
            if (finding.Reason is { } reason) html.Append(CultureInfo.InvariantCulture, $"<p><strong>{HtmlEncode(reason)}</strong></p>");
            if (finding.Measurement is { } m) html.Append(CultureInfo.InvariantCulture, $"<p>{m.Value:0.#} of {m.Limit:0.#} {m.Unit}, {m.Margin:P0} to spare{(m.Samples > 1 ? $", p95 of {m.Samples}" : "")}</p>");
            if (finding.Attempts is { } attempts) html.Append(CultureInfo.InvariantCulture, $"<p>{attempts.Failures} of {attempts.Runs} failed.</p>");
            var items = isBad || each > 8 ? finding.Evidence : [.. finding.Evidence.Take(each / 4)];
            if (items.Count > 0) html.Append("<ol class=\"evidence\">").Append(string.Concat(items.Take(each).Select(item => Item(item, longest)))).Append("</ol>");
            html.Append("</details>");
        }

        return html.Append("</div>").ToString();
    }

    private static string Item(EvidenceItem item, int longest) =>
        $"<li><time>{item.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)}</time> {(item.IsControl ? "<em>control</em> " : "")}{HtmlEncode(Shorten(EvidenceText.Of(item), longest))}</li>";

    private static string Shorten(string text, int longest) => text.Length <= longest ? text : text[..longest] + "…";

    private static string Tone(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "ok",
        Verdict.Failed or Verdict.Crashed => "bad",
        Verdict.Blocked => "blocked",
        Verdict.Unknown => "open",
        Verdict.Excluded => "quiet",
    };
}
