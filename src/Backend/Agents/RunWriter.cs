using System.Text.Json;
using System.Text.RegularExpressions;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents;

/// <summary>Writes a run's events in the order that AG-UI accepts.</summary>
internal sealed partial class RunWriter(IAgentRun run)
{
    /// <summary>A pipeline stage: everything that <paramref name="work"/> emits lies inside it.</summary>
    public async Task<T> StageAsync<T>(string name, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        using var span = AgentSpans.Source.StartActivity($"stage {name}");
        await run.EmitAsync(new StepStarted(name), cancellationToken);
        var result = await work();
        await run.EmitAsync(new StepFinished(name), cancellationToken);
        return result;
    }

    /// <summary>A specialist at work inside a stage.</summary>
    /// <param name="work">Gets the specialist's id, for the events that are its own.</param>
    public async Task SpecialistAsync(string name, string description, Func<string, Task> work, CancellationToken cancellationToken)
    {
        using var span = AgentSpans.Agent(name);
        var id = run.IdFor("agent." + name).ToString();
        await run.EmitAsync(new SubagentStarted(id, name, description), cancellationToken);
        await work(id);
        await run.EmitAsync(new SubagentFinished(id), cancellationToken);
    }

    public async Task TextAsync(string key, string markdown, CancellationToken cancellationToken)
    {
        var id = run.IdFor("message." + key).ToString();
        await run.EmitAsync(new TextMessageStart(id), cancellationToken);
        foreach (var delta in Deltas(markdown)) await run.EmitAsync(new TextMessageContent(id, delta), cancellationToken);
        await run.EmitAsync(new TextMessageEnd(id), cancellationToken);
    }

    public async Task ActivityAsync(string key, AnswerBlock block, CancellationToken cancellationToken)
    {
        var (type, content) = block switch
        {
            { Chart: { } chart } => ("throughline.chart", JsonSerializer.SerializeToElement(chart, WireJson.Default.ChartActivity)),
            { Document: { } document } => ("throughline.document", JsonSerializer.SerializeToElement(document, WireJson.Default.DocumentActivity)),
            { Table: { } table } => ("throughline.table", JsonSerializer.SerializeToElement(table, WireJson.Default.TableActivity)),
            _ => throw new ArgumentException("A block of text is a message.", nameof(block)),
        };
        await run.EmitAsync(new ActivitySnapshot(run.IdFor("activity." + key).ToString(), type, content), cancellationToken);
    }

    /// <summary>Cuts by the text alone: groups of words, never inside a figure.</summary>
    internal static IEnumerable<string> Deltas(string markdown)
    {
        const int Enough = 48;
        var start = 0;
        var end = 0;
        foreach (Match piece in Piece().Matches(markdown))
        {
            end = piece.Index + piece.Length;
            if (end - start < Enough) continue;
            yield return markdown[start..end];
            start = end;
        }

        if (start < markdown.Length) yield return markdown[start..];
    }

    // A link with what touches it, else a word; each with the white space after it.
    [GeneratedRegex(@"(?:\[[^\]\n]*\]\([^)\n]*\)|[^\s\[])+\s*|\[|\s+")]
    private static partial Regex Piece();
}
