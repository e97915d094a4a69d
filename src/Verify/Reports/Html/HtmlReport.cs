using System.Globalization;
using System.Text;
using static System.Net.WebUtility;

namespace Throughline.Verify.Reports;

/// <summary>One file that opens from disk: no server, no network, dark and print styles, and every part reachable by keyboard.</summary>
public sealed class HtmlReport : IReportWriter
{
    private const int MostBytes = 1_000_000;
    private const int CausesShown = 3;

    public string Name => "html";

    public string FileName => "verify.html";

    public string Write(VerifyResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        // What is too much to open is less useful than less of it: the JSON report has all.
        foreach (var (each, longest) in ((int, int)[])[(24, 2000), (8, 600), (4, 300), (1, 160)])
            if (Page(result, context, each, longest) is { } page && Encoding.UTF8.GetByteCount(page) <= MostBytes) return page;
        return Page(result, context, 0, 0);
    }

    private static string Page(VerifyResult result, ReportContext context, int evidenceEach, int longest)
    {
        var tone = result.CanChat switch { true => "ok", false => "bad", null => "open" };
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
            <title>{HtmlEncode(Words.Chat(result))} · Throughline verify</title>
            <style>{Resources.Text("report.css")}</style>
            </head>
            <body>
            <a class="skip" href="#path">Skip to the path</a>
            <header class="{tone}">
            <h1>{HtmlEncode(Words.Chat(result))}.</h1>
            <p class="exposed">{Money.Text(result.Money.AtRisk)} a month exposed, {Money.Text(result.Money.Protected)} protected, {Money.Text(result.Money.Unverified)} unverified.</p>
            <p>{HtmlEncode(Words.Summary(result))}</p>
            </header>
            <main>
            {Causes(result)}
            {MoneyOf(result)}
            <section id="path" aria-labelledby="path-title"><h2 id="path-title">The path</h2>{PathDrawing.Draw(context.Graph, result.Steps)}{PathTable(result)}</section>
            <section aria-labelledby="checks-title"><h2 id="checks-title">Checks</h2>{Checks(result, context)}</section>
            <section aria-labelledby="evidence-title"><h2 id="evidence-title">Evidence</h2>{EvidenceList.Write(result, evidenceEach, longest)}</section>
            <section aria-labelledby="timeline-title"><h2 id="timeline-title">Timeline</h2>{Timeline.Draw(result)}</section>
            <section aria-labelledby="history-title"><h2 id="history-title">The last runs</h2>{HistoryOf(context)}</section>
            </main>
            <script>{Resources.Text("report.js")}</script>
            </body>
            </html>

            """;
    }

    private static string Causes(VerifyResult result)
    {
        if (result.Causes.Count == 0) return """<section aria-labelledby="cause-title"><h2 id="cause-title">What broke</h2><p>Nothing that was looked at.</p></section>""";
        var items = result.Causes.Select(cause => $"""
            <li><p><strong>{HtmlEncode(cause.Component)}</strong> <code>{HtmlEncode(cause.Fault)}</code><br>{HtmlEncode(cause.Sentence)}</p>
            <p class="fix"><span>Fix:</span> {HtmlEncode(cause.Fix.Text)}{(cause.Fix.Command is { } command ? $" <code>{HtmlEncode(command)}</code> <button type=\"button\" data-copy=\"{HtmlEncode(command)}\">Copy</button>" : "")}</p>
            {(cause.Candidates.Count == 0 ? "" : $"<p>It may be: {string.Join("; ", cause.Candidates.Select(c => HtmlEncode(c.Sentence)))}</p>")}
            <details><summary>Explains {cause.Explains.Count}</summary><ul>{string.Concat(cause.Explains.Select(e => $"<li><a href=\"#{HtmlEncode(e)}\">{HtmlEncode(e)}</a></li>"))}</ul></details></li>
            """);
        var more = result.Causes.Count - CausesShown;
        var rest = more > 0 ? $"<details><summary>{more} more</summary><ol class=\"causes\" start=\"{CausesShown + 1}\">{string.Concat(items.Skip(CausesShown))}</ol></details>" : "";
        return $"""<section aria-labelledby="cause-title"><h2 id="cause-title">What broke, and the fix</h2><ol class="causes">{string.Concat(items.Take(CausesShown))}</ol>{rest}</section>""";
    }

    private static string MoneyOf(VerifyResult result)
    {
        var money = result.Money;
        var shares = money.Causes.Where(c => c.Exclusive + c.Shared > 0).Select(c =>
            $"<li>Mending <code>{HtmlEncode(c.Cause)}</code> returns {Money.Text(c.Exclusive)}{(c.Shared > 0 ? $", and {Money.Text(c.Shared)} together with others" : "")}.</li>");
        return $"""
            <section aria-labelledby="money-title"><h2 id="money-title">Monthly revenue</h2>
            <dl class="money"><div class="ok"><dt>Protected</dt><dd>{Money.Text(money.Protected)}</dd></div><div class="bad"><dt>Exposed</dt><dd>{Money.Text(money.AtRisk)}</dd></div><div class="open"><dt>Unverified</dt><dd>{Money.Text(money.Unverified)}</dd></div><div><dt>Total</dt><dd>{Money.Text(money.Total)}</dd></div></dl>
            <ul>{string.Concat(shares)}</ul>
            <p class="quiet">Amounts: {HtmlEncode(money.Owner)}, {money.Reviewed.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{(money.IsStale ? ", <strong>over 90 days old</strong>" : "")}. Exposed means: somebody who pays this could not use it. It does not mean lost.</p></section>
            """;
    }

    private static string PathTable(VerifyResult result) => $"""
        <table><caption>Each step and what decides it</caption><thead><tr><th scope="col">Step</th><th scope="col">State</th><th scope="col">Because of</th></tr></thead><tbody>
        {string.Concat(result.Steps.Select(s => $"<tr><th scope=\"row\">{HtmlEncode(s.Name)}</th><td class=\"{Tone(s.State)}\">{Words.Of(s.State)}</td><td>{string.Join(", ", s.By.Take(8).Select(b => $"<a href=\"#{HtmlEncode(b)}\">{HtmlEncode(b)}</a>"))}</td></tr>"))}
        </tbody></table>
        """;

    private static string Checks(VerifyResult result, ReportContext context) => $"""
        <table><thead><tr><th scope="col"></th><th scope="col">Check</th><th scope="col">State</th><th scope="col">Holds</th><th scope="col">Fails</th><th scope="col">Blocked</th><th scope="col">Unknown</th><th scope="col">Excluded</th><th scope="col">Time</th><th scope="col">Last seen to fail</th></tr></thead><tbody>
        {string.Concat(result.Checks.Select(c => string.Create(CultureInfo.InvariantCulture, $"<tr><td>{c.Number}</td><th scope=\"row\">{HtmlEncode(c.Name)}</th><td class=\"{Tone(c.State)}\">{Words.Of(c.State)}</td><td>{c.Passed}</td><td>{c.Failed + c.Crashed}</td><td>{c.Blocked}</td><td>{c.Unknown}</td><td>{c.Excluded}</td><td>{c.ElapsedMs / 1000:0.0} s</td><td>{HtmlEncode(Words.LastFailure(context, c.Id))}</td></tr>")))}
        </tbody></table>
        """;

    private static string HistoryOf(ReportContext context)
    {
        if (context.History.Count == 0) return "<p>This is the first run that is kept.</p>";
        var rows = context.History.TakeLast(History.Shown).Reverse().Select(h => string.Create(CultureInfo.InvariantCulture,
            $"<tr><td>{h.At:yyyy-MM-dd HH:mm}Z</td><td class=\"{(h.ExitCode == 0 ? "ok" : h.ExitCode == 5 ? "open" : "bad")}\">{h.ExitCode}</td><td>{h.Passed}</td><td>{h.Failed}</td><td>{h.ElapsedMs / 1000:0.0} s</td><td>{Money.Text(h.AtRisk)}</td><td>{HtmlEncode(string.Join(", ", h.FirstFailures.Values.Take(4)))}</td></tr>"));
        return $"""
            <table><thead><tr><th scope="col">When</th><th scope="col">Exit code</th><th scope="col">Holds</th><th scope="col">Fails</th><th scope="col">Time</th><th scope="col">Exposed</th><th scope="col">First failures</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table>
            """;
    }

    internal static string Tone(StepState state) => state switch
    {
        StepState.Working => "ok",
        StepState.Broken => "bad",
        StepState.Blocked => "blocked",
        StepState.Unknown => "open",
        StepState.Excluded => "quiet",
    };
}
