using System.Globalization;
using System.Text.Json.Nodes;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Triage;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Actions;

/// <summary>Prepares the change that a question asks for: its figures, and a tool call that waits for an approval.</summary>
internal sealed class Proposer(IAgentRun run, ToolRunner tools, Intent intent, UserSettings settings)
{
    /// <summary>A change is for all of the data, whatever else the question names.</summary>
    private readonly UsageScope _scope = intent.Scope with { From = null, To = null, Model = null, User = null, Feature = null, Team = null };

    private FactTable Facts => tools.Facts;

    /// <returns>Null where too little was said, or there is nothing to change.</returns>
    public Task<ProposedAction?> ProposeAsync(string specialist, CancellationToken cancellationToken) => intent.Action switch
    {
        { Topic: Topic.SetBudget, Amount: { } amount } => BudgetAsync(amount, specialist, cancellationToken),
        { Topic: Topic.SetAlert, Amount: { } amount, Per: var per } => AlertAsync(amount, per, specialist, cancellationToken),
        { Topic: Topic.RoutingPatch } => PatchAsync(specialist, cancellationToken),
        _ => Task.FromResult<ProposedAction?>(null),
    };

    private async Task<ProposedAction?> BudgetAsync(decimal amount, string specialist, CancellationToken cancellationToken)
    {
        var before = settings.Budget is { } budget ? Parse(budget.Amount) : (decimal?)null;
        if (before is { } old) await CallAsync("budget_status", _scope with { Name = "before" }, old, "month", specialist, cancellationToken);
        await CallAsync("budget_status", _scope, amount, "month", specialist, cancellationToken);
        return Facts.Has("budget.amount")
            ? await AskAsync(ActionKind.SetBudget, "Set a monthly budget of {{f:budget.amount}}?", [Change("Monthly budget", amount, before)], amount, "month", null, specialist, cancellationToken)
            : null;
    }

    private async Task<ProposedAction?> AlertAsync(decimal amount, string per, string specialist, CancellationToken cancellationToken)
    {
        var before = settings.Alerts.FirstOrDefault(alert => alert.Per == per) is { } known ? Parse(known.Amount) : (decimal?)null;
        if (before is { } old) await CallAsync("alert_status", _scope with { Name = "before" }, old, per, specialist, cancellationToken);
        await CallAsync("alert_status", _scope, amount, per, specialist, cancellationToken);
        return Facts.Has($"alert.{per}.amount")
            ? await AskAsync(
                ActionKind.SetAlert, $"Set an alert at {{{{f:alert.{per}.amount}}}} a {per}?", [Change(per == "day" ? "Alert on daily spend" : "Alert on monthly spend", amount, before)], amount, per,
                null, specialist, cancellationToken)
            : null;
    }

    private async Task<ProposedAction?> PatchAsync(string specialist, CancellationToken cancellationToken)
    {
        if (tools.Output("savings_plan") is not { Actions: { Count: > 0 } plan }) return null;
        var document = RoutingPatch.Write(plan, Facts, run.StartedAt);
        Facts.AddTerm("patch.name", document.Name);
        return await AskAsync(
            ActionKind.WriteRoutingPatch, "Write the plan as the file {{t:patch.name}}?",
            [.. plan.Select(action => new ProposedChange(document.Name, Facts.Plain(action.Title)))], 0, "month", document, specialist, cancellationToken);
    }

    private async Task<ProposedAction> AskAsync(
        string kind, string question, IReadOnlyList<ProposedChange> changes, decimal amount, string per, ProposedDocument? document, string specialist, CancellationToken cancellationToken)
    {
        JsonObject arguments = document is { } file ? new() { ["file"] = file.Name } : new() { ["amount"] = FigureFormat.Exact(amount), ["per"] = per };
        var call = await tools.ProposeAsync(kind, arguments.ToJsonString(), specialist, cancellationToken);
        return new ProposedAction(kind, call, Facts.Plain(question), changes, _scope, amount, per, document);
    }

    private Task CallAsync(string tool, UsageScope scope, decimal amount, string per, string specialist, CancellationToken cancellationToken) =>
        tools.CallAsync(scope.Key(tool), tool, new AmountArguments(scope, amount, per), specialist, cancellationToken);

    private static ProposedChange Change(string what, decimal after, decimal? before) =>
        new(what, FigureFormat.Print(after, FactUnit.Usd), before is { } old ? FigureFormat.Print(old, FactUnit.Usd) : null);

    private static decimal Parse(string amount) => decimal.Parse(amount, CultureInfo.InvariantCulture);
}
