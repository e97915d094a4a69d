using System.Text.Json;
using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Formats;

/// <summary>Finds the cached and reasoning tokens that LiteLLM's spend logs keep inside their metadata.</summary>
/// <remarks>
/// <c>{"usage_object": {"prompt_tokens_details": {"cached_tokens": 64}, "cache_creation_input_tokens": 0,
/// "completion_tokens_details": {"reasoning_tokens": 12}}}</c>; older versions say <c>additional_usage_values</c>.
/// </remarks>
internal static class LiteLlmUsage
{
    public static void Expand(RawRecord raw)
    {
        if (raw[UsageField.LiteLlmMetadata] is not [(byte)'{', ..] json
            || (json.IndexOf("\"usage_object\""u8) < 0 && json.IndexOf("\"additional_usage_values\""u8) < 0))
        {
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            foreach (var name in (ReadOnlySpan<string>)["usage_object", "additional_usage_values"])
            {
                if (document.RootElement.TryGetProperty(name, out var usage) && usage.ValueKind == JsonValueKind.Object)
                {
                    Take(raw, usage);
                }
            }
        }
        catch (JsonException)
        {
            // Other tools' metadata may be anything; the counts beside it still hold.
        }
    }

    private static void Take(RawRecord raw, JsonElement usage)
    {
        Set(raw, UsageField.CacheRead, usage, "cache_read_input_tokens");
        Set(raw, UsageField.CacheWrite, usage, "cache_creation_input_tokens");
        if (usage.TryGetProperty("prompt_tokens_details", out var prompt) && prompt.ValueKind == JsonValueKind.Object)
        {
            Set(raw, UsageField.CacheRead, prompt, "cached_tokens");
        }

        if (usage.TryGetProperty("completion_tokens_details", out var completion) && completion.ValueKind == JsonValueKind.Object)
        {
            Set(raw, UsageField.Reasoning, completion, "reasoning_tokens");
        }
    }

    private static void Set(RawRecord raw, UsageField field, JsonElement from, string name)
    {
        if (from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
        {
            raw.Set(field, 0, name, System.Text.Encoding.UTF8.GetBytes(value.GetRawText()));
        }
    }
}
