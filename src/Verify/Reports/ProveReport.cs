using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Verify.Faults;

namespace Throughline.Verify.Reports;

/// <summary>The matrix of faults, checks, diagnoses and fixes, in each of its forms.</summary>
public static class ProveReport
{
    public static string Markdown(ProveResult result, ProofGraph graph)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(graph);
        var text = new StringBuilder("# What breaks, what sees it, what names it\n\n").Append(result.Summary()).Append("\n\n");
        if (result.Slack != 1) text.Append(CultureInfo.InvariantCulture, $"Limits of time were multiplied by {result.Slack}.\n\n");
        if (result.NotJudged.Count > 0) text.Append("Not judged, for it failed twice before anything was broken: ").AppendJoin(", ", result.NotJudged).Append(".\n\n");
        text.Append("| Fault | Family | ").AppendJoin(" | ", graph.Checks.Select(c => c.Number)).Append(" | Expected | Named | Outcome | Fix | Put back | Time |\n");
        text.Append("|---|---|").Append(string.Concat(graph.Checks.Select(_ => "---|"))).Append("---|---|---|---|---|---|\n");
        foreach (var fault in result.Faults)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(fault.Name)} | {fault.Family} | ");
            text.AppendJoin(" | ", graph.Checks.Select(c => Mark(fault, c.Id)));
            text.Append(CultureInfo.InvariantCulture, $" | {Cell(fault.Expected ?? "nothing")} | {Cell(NamedBy(fault))} | {Word(fault.Outcome)} | {Cell(FixOf(fault))} | {(fault.IsRestored ? "yes" : "**no**")} | {fault.ElapsedMs / 1000:0.0} s |\n");
        }

        text.Append("\n**1** the first check to fail · x failed, too · Checks: ").AppendJoin(", ", graph.Checks.Select(c => $"{c.Number} {c.Name}")).Append("\n\n");
        text.Append("First to fail: ").AppendJoin(", ", graph.Checks.Select(c => $"{c.Name} {result.FirstToFail.GetValueOrDefault(c.Id)}")).Append(".\n\n");
        foreach (var fault in result.Faults.Where(f => f.Note is not null || f.Outcome is FaultOutcome.Misnamed or FaultOutcome.Unknown or FaultOutcome.FalseAlarm))
        {
            text.Append(CultureInfo.InvariantCulture, $"- **{fault.Name}**: {fault.Sentence}.{(fault.Note is null ? "" : $" {fault.Note}.")}\n");
            foreach (var cause in fault.Causes) text.Append(CultureInfo.InvariantCulture, $"  - {cause.Id}: {cause.Sentence}\n");
        }

        foreach (var baseline in result.Baselines.Where(b => b.NotGreen.Count > 0)) text.Append(CultureInfo.InvariantCulture, $"- Before anything was broken ({baseline.Name}) these were not green: {string.Join(", ", baseline.NotGreen)}.\n");
        foreach (var fault in result.PutBack.Where(f => f.After!.Count > 0)) text.Append(CultureInfo.InvariantCulture, $"- After **{fault.Name}** was put back these were not green at first: {string.Join(", ", fault.After!)}.\n");
        return text.ToString();
    }

    public static string ToJson(ProveResult result) => JsonSerializer.Serialize(result, ProveDocuments.ProveResult) + "\n";

    public static string Html(ProveResult result, ProofGraph graph)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(graph);
        var rows = new StringBuilder();
        foreach (var fault in result.Faults)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<tr class=\"{Word(fault.Outcome).Replace(' ', '-')}\"><th scope=\"row\" title=\"{Text(fault.Sentence)}\">{Text(fault.Name)}<small>{Text(fault.Family)}</small></th>");
            foreach (var check in graph.Checks) rows.Append(CultureInfo.InvariantCulture, $"<td class=\"mark\">{Mark(fault, check.Id).Replace("**", "", StringComparison.Ordinal)}</td>");
            rows.Append(CultureInfo.InvariantCulture, $"<td>{Text(fault.Expected ?? "nothing")}</td><td>{string.Join("<br>", fault.Causes.Select(c => $"<span title=\"{Text(c.Sentence)}\">{Text(c.Id)}</span>"))}</td><td><b>{Word(fault.Outcome)}</b>{(fault.Note is { } note ? $"<br><small>{Text(note)}</small>" : "")}</td><td>{Text(FixOf(fault))}</td><td>{(fault.IsRestored ? "yes" : "no")}</td><td>{fault.ElapsedMs / 1000:0.0}&nbsp;s</td></tr>\n");
        }

        return $$"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Throughline: what breaks, what sees it, what names it</title>
            <style>
            {{Style}}
            </style>
            <h1>What breaks, what sees it, what names it</h1><p>{{Text(result.Summary())}}</p>
            <table><thead><tr><th scope="col">Fault</th>{{string.Concat(graph.Checks.Select(c => $"<th scope=\"col\" title=\"{Text(c.Name)}\">{c.Number}</th>"))}}<th scope="col">Expected</th><th scope="col">Named</th><th scope="col">Outcome</th><th scope="col">Fix</th><th scope="col">Put back</th><th scope="col">Time</th></tr></thead>
            <tbody>
            {{rows}}</tbody></table>
            <p>1: the first check to fail. x: failed, too. {{string.Join(" · ", graph.Checks.Select(c => $"{c.Number} {Text(c.Name)}: first to fail for {result.FirstToFail.GetValueOrDefault(c.Id)}"))}}</p></html>

            """;
    }

    private const string Style = """
        :root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{margin:2rem;max-width:100rem}table{border-collapse:collapse;width:100%}
        th,td{border-bottom:1px solid #8884;padding:.3rem .5rem;text-align:left;vertical-align:top}thead th{position:sticky;top:0;background:Canvas}small{display:block;opacity:.7}
        .mark{text-align:center}.named b,.quiet b{color:#1a7f37}.unknown b,.inert b{color:#9a6700}.misnamed b,.missed b,.void b,.false-alarm b{color:#cf222e}
        @media (prefers-color-scheme:dark){.named b,.quiet b{color:#3fb950}.unknown b,.inert b{color:#d29922}.misnamed b,.missed b,.void b,.false-alarm b{color:#ff7b72}}
        @media print{body{margin:0}}
        """;

    private static string Mark(FaultResult fault, string check) => fault.Broken.Count > 0 && fault.Broken[0] == check ? "**1**" : fault.Broken.Contains(check) ? "x" : "";

    private static string NamedBy(FaultResult fault) => fault.Causes.Count == 0 ? "nothing" : string.Join(", ", fault.Causes.Take(4).Select(c => c.Id));

    private static string FixOf(FaultResult fault) => fault.Fix is { } fix ? $"{fix.Command}: {(fix.Works ? "works" : $"does not work ({fix.Why})")}" : fault.Causes.Count > 0 ? "by hand" : "";

    public static string Word(FaultOutcome outcome) => outcome switch
    {
        FaultOutcome.Named => "named",
        FaultOutcome.Unknown => "unknown",
        FaultOutcome.Misnamed => "misnamed",
        FaultOutcome.Missed => "missed",
        FaultOutcome.Inert => "inert",
        FaultOutcome.Void => "void",
        FaultOutcome.Quiet => "quiet",
        FaultOutcome.FalseAlarm => "false alarm",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static ProveJson ProveDocuments { get; } = new(new JsonSerializerOptions(ProveJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(ProveResult))]
internal sealed partial class ProveJson : JsonSerializerContext;

/// <summary>When each check was last seen to fail, and for which fault: a small file among the user's own data, which every report reads.</summary>
public sealed class ProofFile(string folder)
{
    public const string Name = "proof.json";
    private readonly string _path = Path.Combine(folder, Name);

    /// <summary>Where prove keeps its journal and this file.</summary>
    public static string Home { get; } = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "throughline", "prove");

    /// <summary>By check; a check that is not here is unproven.</summary>
    public IReadOnlyDictionary<string, SeenFailing> Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllText(_path), ProofJson.Default.DictionaryStringSeenFailing) ?? [] : new Dictionary<string, SeenFailing>();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return new Dictionary<string, SeenFailing>(); // of another version: what is not known is unproven
        }
    }

    /// <summary>Notes each check that failed for a fault that was there.</summary>
    public void Add(ProveResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var all = new Dictionary<string, SeenFailing>(Read());
        foreach (var fault in result.Effective)
            foreach (var (check, assertion) in fault.Assertions) all[check] = new SeenFailing(check, fault.At, assertion, fault.Name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(_path + ".tmp", JsonSerializer.Serialize(all, ProofJson.Default.DictionaryStringSeenFailing));
        File.Move(_path + ".tmp", _path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Dictionary<string, SeenFailing>))]
internal sealed partial class ProofJson : JsonSerializerContext;
