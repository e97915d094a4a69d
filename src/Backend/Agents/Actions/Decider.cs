using System.Text.Json;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Reports;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Actions;

/// <summary>Goes on where a run has asked: makes what was approved, leaves what was declined, and says so.</summary>
internal sealed class Decider(IAgentRun run, ToolRunner tools)
{
    private readonly List<DraftBlock> _blocks = [];

    /// <returns>What to tell.</returns>
    public async Task<Draft> DecideAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < run.Answers.Count; i++) await DecideAsync(run.Answers[i], i == 0 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"answer{i}."), cancellationToken);
        return new Draft(_blocks, [], []);
    }

    private async Task DecideAsync(AnsweredAction answer, string name, CancellationToken cancellationToken)
    {
        var action = answer.Action;
        var scope = action.Scope with { Name = name.Length == 0 ? null : name[..^1] };
        if (action.Document is { } document) tools.Facts.AddTerm(name + "patch.name", document.Name);
        else await FiguresAsync(action, scope, cancellationToken);

        var text = ActionText.Decided(answer, name, tools.Facts);
        var content = new ToolResultContent(tools.Facts.Markdown(text), []);
        var said = new ToolCallResult(run.IdFor("decided." + action.ToolCallId).ToString(), action.ToolCallId, JsonSerializer.Serialize(content, WireJson.Default.ToolResultContent));
        if (answer.IsApproved) await run.ApplyAsync(action, said, cancellationToken);
        else await run.EmitAsync(said, cancellationToken);
        _blocks.Add(new DraftBlock(text));
        if (answer is { IsApproved: true, Action.Document: { } written })
            _blocks.Add(new DraftBlock(Document: new DocumentActivity(run.IdFor("effect." + action.ToolCallId), written.Name, written.MediaType)));
    }

    /// <summary>The amount, and how the data stands to it.</summary>
    private Task FiguresAsync(ProposedAction action, UsageScope scope, CancellationToken cancellationToken)
    {
        var tool = action.Kind == ActionKind.SetBudget ? "budget_status" : "alert_status";
        return tools.CallAsync(scope.Key(tool), tool, new AmountArguments(scope, action.Amount, action.Per), null, cancellationToken);
    }
}
