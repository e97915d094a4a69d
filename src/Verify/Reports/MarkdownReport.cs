using System.Globalization;
using System.Text;

namespace Throughline.Verify.Reports;

/// <summary>For a pull request, a ticket, a mail.</summary>
public sealed class MarkdownReport : IReportWriter
{
    public string Name => "md";

    public string FileName => "verify.md";

    public string Write(VerifyResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        var text = new StringBuilder();
        Line($"# {Words.Chat(result)}");
        Line();
        Line($"{Words.Summary(result)}");
        Line();
        if (result.Causes.Count > 0)
        {
            Line("## What broke, and the fix");
            Line();
            foreach (var cause in result.Causes)
            {
                Line($"- **{Escape(cause.Component)}**: {Escape(cause.Sentence)}");
                Line($"  - Fix: {Escape(cause.Fix.Text)}{(cause.Fix.Command is { } command ? $" `{command}`" : "")}");
                Line($"  - Explains: {string.Join(", ", cause.Explains.Select(e => $"`{e}`"))}");
            }

            Line();
        }

        WriteMoney(result, Line);
        Line("## The path");
        Line();
        Line("| Step | State | Because |");
        Line("|---|---|---|");
        foreach (var step in result.Steps) Line($"| {Escape(step.Name)} | {Words.Of(step.State)} | {string.Join(", ", step.By.Take(6).Select(b => $"`{b}`"))} |");
        Line();
        WriteChecks(result, context, Line);
        WriteFindings(result, Line);
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    private static void WriteMoney(VerifyResult result, Action<string> line)
    {
        var money = result.Money;
        line("## Monthly revenue");
        line("");
        line("| Protected | Exposed | Unverified | Total |");
        line("|---|---|---|---|");
        line($"| {Money.Text(money.Protected)} | {Money.Text(money.AtRisk)} | {Money.Text(money.Unverified)} | {Money.Text(money.Total)} |");
        line("");
        foreach (var share in money.Causes.Where(c => c.Exclusive + c.Shared > 0))
            line($"- Mending {Escape(share.Cause)} returns {Money.Text(share.Exclusive)}{(share.Shared > 0 ? $", and {Money.Text(share.Shared)} together with others" : "")}.");
        line($"- The amounts: {Escape(money.Owner)}, {money.Reviewed.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{(money.IsStale ? "; **over 90 days old**" : "")}.");
        line("");
    }

    private static void WriteChecks(VerifyResult result, ReportContext context, Action<string> line)
    {
        line("## Checks");
        line("");
        line("| | Check | State | Holds | Fails | Blocked | Unknown | Excluded | Time | Last seen to fail |");
        line("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var check in result.Checks)
            line(string.Create(CultureInfo.InvariantCulture, $"| {check.Number} | {Escape(check.Name)} | {Words.Of(check.State)} | {check.Passed} | {check.Failed + check.Crashed} | {check.Blocked} | {check.Unknown} | {check.Excluded} | {check.ElapsedMs / 1000:0.0} s | {Escape(Words.LastFailure(context, check.Id))} |"));
        line("");
    }

    private static void WriteFindings(VerifyResult result, Action<string> line)
    {
        foreach (var verdict in (Verdict[])[Verdict.Failed, Verdict.Crashed, Verdict.Blocked, Verdict.Unknown, Verdict.Excluded])
        {
            var findings = result.Findings.Where(f => f.Verdict == verdict).ToList();
            if (findings.Count == 0) continue;
            line($"## {Words.Of(verdict)}");
            line("");
            foreach (var finding in findings) line($"- `{finding.Id}` {Escape(finding.Statement)}: {Escape(finding.Reason ?? "")}");
            line("");
        }

        line("## Measured");
        line("");
        line("| Assertion | Value | Limit | Margin | Samples |");
        line("|---|---|---|---|---|");
        foreach (var finding in result.Findings.Where(f => f.Measurement is not null))
            line(string.Create(CultureInfo.InvariantCulture, $"| `{finding.Id}` | {finding.Measurement!.Value:0.#} {finding.Measurement.Unit} | {finding.Measurement.Limit:0.#} | {finding.Measurement.Margin:P0} | {finding.Measurement.Samples} |"));
    }

    /// <summary>What came from a service is data, not Markdown.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '!' or '#') escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
