using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Analysis.Tools;
using Throughline.Contracts.Actions;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Actions;

/// <summary>A change that a run has proposed and nobody has approved yet; kept with its interrupt, so that what is approved is what was shown.</summary>
/// <param name="Kind">The tool that makes it: see <see cref="ActionKind"/>.</param>
/// <param name="ToolCallId">Its call, which has no result until somebody has decided.</param>
/// <param name="Question">What is asked, printed.</param>
/// <param name="Scope">What its figures look at.</param>
/// <param name="Amount">US dollars, as the user said it.</param>
/// <param name="Per"><c>day</c> or <c>month</c>.</param>
internal sealed record ProposedAction(
    string Kind, string ToolCallId, string Question, IReadOnlyList<ProposedChange> Changes, UsageScope Scope,
    decimal Amount = 0, string Per = "month", ProposedDocument? Document = null);

/// <param name="Content">The whole text.</param>
internal sealed record ProposedDocument(string Name, string MediaType, string Content);

/// <summary>A proposed action and what its owner has decided.</summary>
internal sealed record AnsweredAction(ProposedAction Action, bool IsApproved);

/// <summary>What a user has approved so far.</summary>
internal sealed record UserSettings(Budget? Budget, IReadOnlyList<Alert> Alerts)
{
    public static readonly UserSettings None = new(null, []);
}

/// <summary>The tools that change something.</summary>
internal static class ActionKind
{
    public const string SetBudget = "set_budget", SetAlert = "set_alert", WriteRoutingPatch = "write_routing_patch";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProposedAction))]
internal sealed partial class ActionJson : JsonSerializerContext;
