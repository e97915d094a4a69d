using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Reports;

/// <summary>The Common Test Report Format, <see href="https://ctrf.io"/>.</summary>
public sealed class CtrfReport : IReportWriter
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Name => "ctrf";

    public string FileName => "verify.ctrf.json";

    public string Write(VerifyResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        int Count(params ReadOnlySpan<Verdict> verdicts)
        {
            var wanted = verdicts.ToArray();
            return result.Findings.Count(f => wanted.Contains(f.Verdict));
        }

        var report = new JsonObject
        {
            ["reportFormat"] = "CTRF",
            ["specVersion"] = "0.0.0",
            ["results"] = new JsonObject
            {
                ["tool"] = new JsonObject { ["name"] = "throughline verify", ["version"] = result.Version },
                ["summary"] = new JsonObject
                {
                    ["tests"] = result.Findings.Count,
                    ["passed"] = Count(Verdict.Passed),
                    ["failed"] = Count(Verdict.Failed),
                    ["pending"] = Count(Verdict.Unknown),
                    ["skipped"] = Count(Verdict.Blocked, Verdict.Excluded),
                    ["other"] = Count(Verdict.Crashed),
                    ["start"] = result.StartedAt.ToUnixTimeMilliseconds(),
                    ["stop"] = result.EndedAt.ToUnixTimeMilliseconds(),
                },
                ["tests"] = new JsonArray([.. result.Findings.Select(TestOf)]),
                ["extra"] = new JsonObject
                {
                    ["exitCode"] = result.ExitCode,
                    ["canChat"] = result.CanChat,
                    ["causes"] = new JsonArray([.. result.Causes.Select(c => (JsonNode)new JsonObject { ["id"] = c.Id, ["sentence"] = c.Sentence, ["fix"] = c.Fix.Text })]),
                    ["revenue"] = new JsonObject { ["protected"] = $"{result.Money.Protected}", ["atRisk"] = $"{result.Money.AtRisk}", ["unverified"] = $"{result.Money.Unverified}" },
                },
            },
        };
        return report.ToJsonString(Options) + "\n";
    }

    private static JsonNode TestOf(Finding finding)
    {
        var test = new JsonObject
        {
            ["name"] = finding.Id,
            ["suite"] = new JsonArray(finding.Check),
            ["duration"] = Math.Round(finding.ElapsedMs ?? 0),
            ["status"] = finding.Verdict switch
            {
                Verdict.Passed => "passed",
                Verdict.Failed => "failed",
                Verdict.Blocked or Verdict.Excluded => "skipped",
                Verdict.Unknown => "pending",
                Verdict.Crashed => "other",
            },
            ["rawStatus"] = finding.Verdict.ToString().ToLowerInvariant(),
        };
        if (finding.Reason is { } reason) test["message"] = reason;
        if (finding.StartedAt is { } start) test["start"] = start.ToUnixTimeMilliseconds();
        if (finding.EndedAt is { } stop) test["stop"] = stop.ToUnixTimeMilliseconds();
        return test;
    }
}
