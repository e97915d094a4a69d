using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Throughline.Verify.Reports;

namespace Throughline.Verify.Tests.Reports;

public sealed class WritingReports
{
    private const string Hostile = "<script>alert(1)</script> | `x` & \"y\" \u0001";
    private static readonly DateTimeOffset At = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_page_is_one_file_that_asks_for_nothing_else()
    {
        var html = new HtmlReport().Write(Result(), Context());
        Assert.DoesNotContain(" src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.Contains("@media print", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_screen_says_whether_a_user_can_chat_what_broke_the_fix_and_the_money()
    {
        var html = new HtmlReport().Write(Result(), Context());
        string[] order = ["A user cannot rely on chat", "a month exposed", "What broke, and the fix", "Fix:", "Monthly revenue", "The path", "Evidence", "Timeline", "The last runs"];
        var places = order.Select(word => html.IndexOf(word, html.IndexOf("<body>", StringComparison.Ordinal), StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void However_much_was_seen_the_page_stays_under_a_megabyte()
    {
        var exchange = new HttpExchange(At, "GET", "http://127.0.0.1:8000/" + new string('x', 2000), "token", 500, "internal", null, null, null, null, 1, new string('y', 300));
        var many = Result() with { Findings = [.. Enumerable.Range(0, 300).Select(i => Failed with { Id = $"jwt.many.{i}", Evidence = [.. Enumerable.Repeat(exchange, 24)] })] };
        Assert.InRange(Encoding.UTF8.GetByteCount(new HtmlReport().Write(many, Context())), 10_000, 1_000_000);
    }

    [Fact]
    public void JUnit_has_broken_as_failure_blocked_as_skipped_by_its_blocker_and_a_crash_as_error()
    {
        var xml = XDocument.Parse(new JUnitReport().Write(Result(), Context()));
        XElement Case(string name) => xml.Descendants("testcase").Single(c => c.Attribute("name")!.Value == name);
        Assert.NotNull(Case("jwt.failed").Element("failure"));
        Assert.Equal("blocked by jwt.failed", Case("jwt.blocked").Element("skipped")!.Attribute("message")!.Value);
        Assert.NotNull(Case("jwt.crashed").Element("error"));
        Assert.Empty(Case("jwt.passed").Elements());
        Assert.Contains(xml.Descendants("property"), p => p.Attribute("name")!.Value == "revenue.at_risk");
    }

    [Fact]
    public void Ctrf_counts_what_it_lists()
    {
        var results = JsonElement.Parse(new CtrfReport().Write(Result(), Context())).GetProperty("results");
        var summary = results.GetProperty("summary");
        Assert.Equal(results.GetProperty("tests").GetArrayLength(), summary.GetProperty("tests").GetInt32());
        foreach (var status in (string[])["passed", "failed", "skipped", "pending", "other"])
            Assert.Equal(results.GetProperty("tests").EnumerateArray().Count(t => t.GetProperty("status").GetString() == status), summary.GetProperty(status).GetInt32());
    }

    [Fact]
    public void What_the_json_report_says_can_be_read_back_whole()
    {
        var result = Result();
        var json = new JsonReport().Write(result, Context());
        Assert.Equal(json, new JsonReport().Write(JsonReport.Read(json), Context()));
    }

    [Fact]
    public void Every_member_of_the_json_report_is_in_its_schema()
    {
        var schema = JsonElement.Parse(JsonReport.Schema);
        SchemaCheck.Require(JsonElement.Parse(new JsonReport().Write(Result(), Context())), schema, schema, "$");
    }

    [Fact]
    public void Markdown_of_hostile_text_stays_text() =>
        Assert.Contains("\\<script\\>alert(1)\\</script\\> \\|", new MarkdownReport().Write(Result(), Context()), StringComparison.Ordinal);

    private static Finding Failed { get; } = new(
        "jwt.failed", "jwt", "It holds", Verdict.Failed, Hostile, null, new Measurement(150, 100, "ms", 3),
        [
            new HttpExchange(At, "GET", "http://127.0.0.1:8000/", "token", null, null, ExchangeFailure.Refused, Hostile, new Answerer("backend", Guid.Empty, 4), "t", 1),
            new SocketExchange(At, "ws://127.0.0.1:8000/ws", "header", "x", null, 4002, "invalid token", null, null, new Answerer("backend", null), Guid.Empty, 1, 2, ["not_found"]),
            new Comparison(At, "a", "b", "c") { IsControl = true }, new LogLook(At, "auth", ["line"]), new ProcessLook(At, "auth", 1, false, "T"), new CommandRun(At, "up", 5, 1, ["x"]),
            new HealthLook(At, "auth", "u", "healthy", new Dictionary<string, string> { ["store"] = "healthy" }, null), new BrowserLook(At, "asking", "u", "t", ["c"]),
            new DiscoveryLook(At, "auth", "p", Guid.Empty, 1, true, 8001, "a", "w", At, [8001], "process 1", null, "no", 8001, ["k"]),
        ], At, At.AddMilliseconds(20), new Attempts(3, 1));

    internal static VerifyResult Result()
    {
        var graph = GraphFile.BuiltIn();
        IReadOnlyList<Finding> findings =
        [
            Failed, Failed with { Id = "jwt.passed", Verdict = Verdict.Passed, Reason = null, Evidence = [] }, Failed with { Id = "jwt.blocked", Verdict = Verdict.Blocked, BlockedBy = "jwt.failed", StartedAt = null, EndedAt = null },
            Failed with { Id = "jwt.crashed", Verdict = Verdict.Crashed }, Failed with { Id = "jwt.unknown", Verdict = Verdict.Unknown }, Failed with { Id = "jwt.excluded", Verdict = Verdict.Excluded },
            Failed with { Id = "jwt.reject.expired" },
        ];
        var draft = new VerifyResult(
            Guid.Empty, "0.1.0", "a throw-away stack", At, At.AddSeconds(9), 2000, null, 0, [], [], [], Exposure.Of(graph, StepStatuses.Of(graph, []), [], graph.Revenue.Reviewed), findings,
            new MachineNote(2, "Linux", 1, 2), 1, null, ["left@verify.invalid"]);
        return Verification.Judge(draft, graph, new Grouping());
    }

    internal static ReportContext Context()
    {
        var history = new[] { History.EntryOf(Result()) };
        return new ReportContext(GraphFile.BuiltIn(), history, History.LastFailures(history));
    }
}
