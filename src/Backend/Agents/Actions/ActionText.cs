using Throughline.Analysis.Facts;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Triage;

namespace Throughline.Backend.Agents.Actions;

/// <summary>What an answer says of a change: asked for, made, declined, or not to be had. Templates, as all answers.</summary>
internal static class ActionText
{
    private const string Until = " Nothing changes until you approve.";

    /// <summary>The question that a proposing run leaves its owner with.</summary>
    public static string Asked(ProposedAction action, FactTable facts) => action switch
    {
        { Kind: ActionKind.SetBudget } => "**Set a monthly budget of {{f:budget.amount}}?**" + Until
            + (facts.Has("before.budget.amount") ? " It takes the place of {{f:before.budget.amount}}." : "") + Used("", facts),
        { Kind: ActionKind.SetAlert, Per: var per } => $"**Set an alert at {{{{f:alert.{per}.amount}}}} a {per}?**" + Until
            + (facts.Has($"before.alert.{per}.amount") ? $" It takes the place of {{{{f:before.alert.{per}.amount}}}}." : "") + Passed("", per, facts),
        _ => "**Write the plan as a routing patch, {{c:patch.name}}?**" + Until + " It is a file for a LiteLLM proxy; the plan of this answer would have saved {{f:plan.total}}.",
    };

    /// <summary>What became of it.</summary>
    /// <param name="name">The scope's name, before the keys of its facts.</param>
    public static string Decided(AnsweredAction answer, string name, FactTable facts) => answer switch
    {
        { Action.Kind: ActionKind.SetBudget, IsApproved: true } => $"**The monthly budget is {{{{f:{name}budget.amount}}}} now.** Answers about cost compare spend with it." + Used(name, facts),
        { Action.Kind: ActionKind.SetBudget } => $"**Not approved, so nothing has changed.** The monthly budget of {{{{f:{name}budget.amount}}}} was not set.",
        { Action: { Kind: ActionKind.SetAlert, Per: var per }, IsApproved: true } =>
            $"**The alert is set at {{{{f:{name}alert.{per}.amount}}}} a {per}.** Answers about cost say when spend passes it." + Passed(name, per, facts),
        { Action: { Kind: ActionKind.SetAlert, Per: var per } } => $"**Not approved, so nothing has changed.** The alert at {{{{f:{name}alert.{per}.amount}}}} a {per} was not set.",
        { IsApproved: true } => $"**The routing patch {{{{c:{name}patch.name}}}} is written.** Look through it, then merge it into the configuration of your proxy.",
        _ => $"**Not approved, so nothing has changed.** The routing patch {{{{c:{name}patch.name}}}} was not written.",
    };

    /// <summary>As <see cref="Decided"/>, without a figure: what is sent where that does not pass.</summary>
    public static string Plainly(AnsweredAction answer) => answer.IsApproved ? "**Approved, and the change is made.**" : "**Not approved, so nothing has changed.**";

    /// <summary>Why nothing is asked.</summary>
    public static string Lacking(Topic topic) => topic switch
    {
        Topic.SetBudget => "**How much may a month cost?** Name one amount in dollars, and the budget is ready for your approval.",
        Topic.SetAlert => "**At what spend shall the alert be set?** Name one amount in dollars, for a day or for a month, and it is ready for your approval.",
        _ => "**There is no plan to write a routing patch from.** Attach usage data with models and features, ask what to change, then ask for the patch.",
    };

    /// <summary>How the data stands to a budget.</summary>
    public static string Used(string name, FactTable facts) => !facts.Has(name + "budget.spent") ? ""
        : $" {{{{t:{name}budget.month}}}} used {{{{f:{name}budget.share}}}} of it: {{{{f:{name}budget.spent}}}}."
            + (facts.Has(name + "budget.over") ? $" That is {{{{f:{name}budget.over}}}} more than the budget." : "");

    public static string Passed(string name, string per, FactTable facts) => !facts.Has($"{name}alert.{per}.count") ? ""
        : $" In this data, the number of {per}s that passed it is {{{{f:{name}alert.{per}.count}}}}.";
}
