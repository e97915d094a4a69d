using Throughline.Contracts.Agents;

namespace Throughline.Backend.Agents.Gates;

/// <summary>Each recommendation names target, change, saving, effort, risk, how to check and how to undo, and something of the user's own.</summary>
internal static class Actionability
{
    public static GateResult Judge(GateInput input)
    {
        foreach (var action in input.Draft.Plan)
        {
            if (new[] { action.Title, action.Hint, action.Target, action.Effort, action.Risk, action.Check, action.Undo }.Any(string.IsNullOrWhiteSpace))
                return new GateResult("actionable", false, $"{action.Id} leaves something open.");
            if (!input.Facts.Has(action.SavingKey) || input.Facts.Draft(action.SavingKey).Value <= 0)
                return new GateResult("actionable", false, $"{action.Id} has no saving.");
            if (action.Rows is { Feature: null, Model: null, User: null, Team: null } && input.Intent.Scope.AssumedModel is null)
                return new GateResult("actionable", false, $"{action.Id} names nothing of the user's data.");
        }

        return new GateResult("actionable", true, "Each change names its target, saving, effort, risk, how to check and how to undo.");
    }
}
