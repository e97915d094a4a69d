using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Prices;
using Throughline.Analysis.Tools;
using Throughline.Backend.Agents;
using Throughline.Backend.Agents.Gates;
using Throughline.Backend.Agents.Reports;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Tests.Agents;

public sealed partial class ChangingAnAcceptedAnswer
{
    private static readonly string[] Loose = ["7", "12 %", "$3", "half", "twice", "three", "a dozen", "doubled", "https://example.org", "<img src=x>", "[here](x)", "{{f:made.up}}", "{{t:made.up}}", "the same quality"];

    [Fact]
    public async Task Every_change_of_a_digit_unit_model_or_direction_is_rejected()
    {
        var stop = TestContext.Current.CancellationToken;
        using var rows = new Rows(Northwind.Rows());
        var run = new RecordedRun("Why did spend jump in November, and what should we change?", rows.File);
        await using var tools = new ToolRunner(run, UsageTools.All, PriceTable.Load(), new AnalysisOptions { ToolTimeout = TimeSpan.FromMinutes(1) }, TimeProvider.System, NullLogger.Instance);
        var profile = await tools.ProfileAsync(stop);
        var intent = IntentReader.Read(run.Question, [], profile, PriceTable.Load(), new DateOnly(2025, 11, 24), TimeZoneInfo.Utc);
        await new Specialists(run, new RunWriter(run), tools, intent, profile, PriceTable.Load(), run.Settings).WorkAsync(stop);
        var draft = new ReportWriter(tools, intent, profile, run).Write();
        var names = PriceTable.Load().Rows.Select(row => row.Model).Concat(profile.Models).Distinct().ToArray();
        bool Accepts(Draft candidate) => QualityGate.JudgeAsync(
            new GateInput(candidate, tools.Facts, names, intent, run.Question), (_, _) => Task.FromResult<IReadOnlyList<string>>([]), stop).GetAwaiter().GetResult().Passed();
        Assert.True(Accepts(draft));

        var mutants = draft.Blocks.Select((block, i) => (block.Text, i)).Where(block => block.Text is not null).SelectMany(block => Mutants(block.Text!, tools.Facts).Select(text => (text, block.i))).ToArray();
        Assert.True(mutants.Length > 1_000, $"{mutants.Length} mutants");
        Gen.Int[0, mutants.Length - 1].Sample(index =>
        {
            var (text, at) = mutants[index];
            return !Accepts(draft with { Blocks = [.. draft.Blocks.Select((block, i) => i == at ? new DraftBlock(text) : block)] });
        }, iter: 2_000, threads: 1, print: index => mutants[index].text);
    }

    private static IEnumerable<string> Mutants(string text, FactTable facts)
    {
        // A figure or markup of one's own, after any word.
        foreach (Match gap in Gap().Matches(text))
        {
            if (Reference().Matches(text).Any(reference => gap.Index > reference.Index && gap.Index < reference.Index + reference.Length)) continue;
            foreach (var loose in Loose) yield return text.Insert(gap.Index, " " + loose);
        }

        foreach (Match reference in Reference().Matches(text))
        {
            // The number itself in place of the reference, as it is and with another last digit.
            if (facts.Find(reference.Groups[1].Value) is not { } fact) continue;
            yield return text.Remove(reference.Index, reference.Length).Insert(reference.Index, fact.Text);
            yield return text.Remove(reference.Index, reference.Length).Insert(reference.Index, fact.Text.Replace(fact.Text.Last(char.IsAsciiDigit), '4'));
        }

        foreach (Match unit in Unit().Matches(text))
        {
            var other = unit.Groups[1].Value == "requests" ? "tokens" : "requests";
            yield return text.Remove(unit.Groups[1].Index, unit.Groups[1].Length).Insert(unit.Groups[1].Index, other);
        }

        foreach (var (from, to) in new[] { ("{{t:anomaly.model}}", "gpt-4.1"), ("{{t:anomaly.usual_model}}", "claude-opus-4-1"), ("would have saved", "fell by"), ("explains the jump", "explains the lowest bill"), ("alone cost", "rose and was cheaper than") })
        {
            if (text.Contains(from, StringComparison.Ordinal)) yield return text.Replace(from, to, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"(?<=[a-z]) ")]
    private static partial Regex Gap();

    [GeneratedRegex(@"\{\{[ftc]:([^{}]+)\}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\}\} (?:input |output )?(requests|tokens)\b")]
    private static partial Regex Unit();
}
