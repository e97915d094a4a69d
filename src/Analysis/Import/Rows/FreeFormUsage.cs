using System.Text.Json;

namespace Throughline.Analysis.Import.Rows;

/// <summary>Reads a free-form object of token counts, such as Langfuse's <c>usage_details</c>.</summary>
/// <remarks>
/// <c>{"input": 900, "input_cached_tokens": 100, "output": 50, "output_reasoning_tokens": 20, "total": 1070}</c>: kinds are disjoint,
/// unless the total shows that <c>input</c> and <c>output</c> already are the whole. OpenAI's own names
/// (<c>prompt_tokens</c>) always include the cached ones.
/// </remarks>
internal static class FreeFormUsage
{
    private struct Kinds
    {
        public long Input, InputOther, CacheRead, Write5m, Write1h, Output, OutputOther, Reasoning, Total;
        public bool IsOpenAi, HasTotal, HasAny;
    }

    public static bool TryRead(ReadOnlySpan<byte> json, UsageRow row, ref string? reason)
    {
        var kinds = default(Kinds);
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                {
                    continue;
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                if (!UsageNumber.TryCount(reader.ValueSpan, out var value))
                {
                    reason = $"{name} is not a whole number: {System.Text.Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(60, reader.ValueSpan.Length)])}";
                    return false;
                }

                Add(ref kinds, name.ToLowerInvariant(), value);
            }
        }
        catch (JsonException)
        {
            reason = "the token counts are not valid JSON";
            return false;
        }

        return kinds.HasAny && Apply(kinds, row, ref reason);
    }

    private static void Add(ref Kinds kinds, string name, long value)
    {
        if (name is "total" or "total_tokens" or "totaltokens")
        {
            (kinds.Total, kinds.HasTotal) = (value, true);
            return;
        }

        kinds.HasAny = true;
        switch (name)
        {
            case "input" or "input_tokens": kinds.Input += value; break;
            case "prompt_tokens" or "prompttokens": kinds.Input += value; kinds.IsOpenAi = true; break;
            case "output" or "output_tokens": kinds.Output += value; break;
            case "completion_tokens" or "completiontokens": kinds.Output += value; kinds.IsOpenAi = true; break;
            case var n when n.Contains("1h", StringComparison.Ordinal): kinds.Write1h += value; break;
            case var n when n.Contains("creation", StringComparison.Ordinal) || n.Contains("cache_write", StringComparison.Ordinal): kinds.Write5m += value; break;
            case var n when n.Contains("cache", StringComparison.Ordinal): kinds.CacheRead += value; break;
            case var n when n.Contains("reasoning", StringComparison.Ordinal) || n.Contains("thought", StringComparison.Ordinal): kinds.Reasoning += value; break;
            case var n when n.StartsWith("input", StringComparison.Ordinal): kinds.InputOther += value; break;
            case var n when n.StartsWith("output", StringComparison.Ordinal): kinds.OutputOther += value; break;
        }
    }

    private static bool Apply(Kinds kinds, UsageRow row, ref string? reason)
    {
        var cached = kinds.CacheRead + kinds.Write5m + kinds.Write1h;
        var isWhole = kinds.IsOpenAi || (kinds.HasTotal && kinds.Total == kinds.Input + kinds.Output);
        if (isWhole && (cached > kinds.Input || kinds.Reasoning > kinds.Output))
        {
            reason = "the cached or reasoning tokens are more than the tokens that include them";
            return false;
        }

        row.CacheRead = kinds.CacheRead;
        row.CacheWrite5m = kinds.Write5m;
        row.CacheWrite1h = kinds.Write1h;
        row.Reasoning = kinds.Reasoning;
        row.InputUncached = isWhole ? kinds.Input - cached : kinds.Input + kinds.InputOther;
        row.Output = isWhole ? kinds.Output : kinds.Output + kinds.OutputOther + kinds.Reasoning;
        return true;
    }
}
