using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Analysis.Facts;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;

namespace Throughline.Backend.Agents.Actions;

/// <summary>A plan as configuration of a LiteLLM proxy: JSON, which such a proxy reads as the YAML that it is too.</summary>
/// <remarks>A route bears its feature's name. What no proxy can do stands under <c>by_hand</c>; nothing of the plan is left out in silence.</remarks>
internal static class RoutingPatch
{
    private const int SecondsOfADay = 86_400;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = JsonSerializerOptions.Default.TypeInfoResolver };

    public static ProposedDocument Write(IReadOnlyList<PlanAction> plan, FactTable facts, DateTimeOffset at)
    {
        JsonArray routes = [], byHand = [];
        var keepsAnswers = false;
        foreach (var action in plan)
        {
            var key = action.SavingKey[..^".saving".Length];
            var model = facts.Terms[key + ".model"];
            switch (action.Id.Split('.')[0])
            {
                case "pin": routes.Add(Route(action, new() { ["model"] = facts.Terms[key + ".other"] }, facts)); break;
                case "cache":
                    routes.Add(Route(action, new() { ["model"] = model, ["cache_control_injection_points"] = new JsonArray(new JsonObject { ["location"] = "message", ["role"] = "system" }) }, facts));
                    break;
                case "duplicates":
                    keepsAnswers = true;
                    routes.Add(Route(action, new() { ["model"] = model }, facts));
                    break;
                default: byHand.Add(Info(action, facts)); break;
            }
        }

        var patch = new JsonObject { ["model_list"] = routes };
        if (keepsAnswers) patch["litellm_settings"] = new JsonObject { ["cache"] = true, ["cache_params"] = new JsonObject { ["type"] = "local", ["ttl"] = SecondsOfADay } };
        if (byHand.Count > 0) patch["by_hand"] = byHand;
        return new ProposedDocument($"routing-patch-{at.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.json", "application/json", patch.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Route(PlanAction action, JsonObject parameters, FactTable facts) =>
        new() { ["model_name"] = action.Target, ["litellm_params"] = parameters, ["model_info"] = Info(action, facts) };

    private static JsonObject Info(PlanAction action, FactTable facts) => new()
    {
        ["change"] = facts.Plain(action.Title),
        ["would_have_saved_usd"] = facts[action.SavingKey].Value,
        ["risk"] = facts.Plain(action.Risk),
        ["check"] = facts.Plain(action.Check),
        ["undo"] = facts.Plain(action.Undo),
    };
}
