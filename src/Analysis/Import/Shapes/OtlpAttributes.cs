using System.Text.Json;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>Reads OTLP's attributes: <c>[{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "100"}}]</c>.</summary>
internal static class OtlpAttributes
{
    public static void Add(JsonElement attributes, Dictionary<string, JsonElement> values)
    {
        foreach (var attribute in attributes.EnumerateArray())
        {
            if (attribute.ValueKind == JsonValueKind.Object
                && attribute.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String
                && attribute.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Object)
            {
                foreach (var typed in value.EnumerateObject())
                {
                    values[key.GetString()!] = typed.Value; // intValue is a string in JSON's mapping of int64; both forms are met
                }
            }
        }
    }

    /// <summary>
    /// Whether the span is one call of a model. A span around several (an agent, a workflow, a chain) repeats their sums, and
    /// counting it would count them twice; other spans have no tokens at all.
    /// </summary>
    public static bool IsModelCall(Dictionary<string, JsonElement> values)
    {
        if (Text(values, "gen_ai.operation.name") is "invoke_agent" or "invoke_workflow" or "create_agent" or "execute_tool"
            || Text(values, "openinference.span.kind") is { } kind && kind is not ("LLM" or "EMBEDDING" or "RERANKER"))
        {
            return false;
        }

        return values.Keys.Any(name => name.StartsWith("gen_ai.usage.", StringComparison.Ordinal)
            || name.StartsWith("llm.token_count.", StringComparison.Ordinal) || name.StartsWith("llm.usage.", StringComparison.Ordinal)
            || name is "gen_ai.request.model" or "gen_ai.response.model");
    }

    private static string? Text(Dictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
