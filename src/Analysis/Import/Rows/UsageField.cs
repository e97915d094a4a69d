namespace Throughline.Analysis.Import.Rows;

/// <summary>What a source column can mean. Several may lead to one column of the normal form.</summary>
internal enum UsageField
{
    At, EndAt, FirstTokenAt, Model, Provider, User, Feature, Team, ApiKey, RequestId, Requests,
    Input, InputUncached, CacheRead, CacheWrite, CacheWrite5m, CacheWrite1h, Output, Reasoning,
    Batch, Tier, LatencyMs, LatencySeconds, FirstTokenMs, FirstTokenSeconds, Status, Error, Cost,
    PromptHash, Prompt, PrefixHash, PrefixTokens, GatewayCacheHit, UsageObject, LiteLlmMetadata, MessageId, Kind,
}

/// <summary>Whether the source counts cached tokens inside its input tokens (OpenAI) or beside them (Anthropic).</summary>
internal enum CacheCounting { Inside, Outside }

internal static class UsageFields
{
    public const int Count = (int)UsageField.Kind + 1;

    /// <summary>The meaning of a column in words, as shown to the person who uploaded the file.</summary>
    public static string Meaning(this UsageField field, CacheCounting counting) => field switch
    {
        UsageField.At => "time of the request, UTC unless it says otherwise",
        UsageField.EndAt => "time of the last token; latency is the difference",
        UsageField.FirstTokenAt => "time of the first token",
        UsageField.Model => "model",
        UsageField.Provider => "provider",
        UsageField.User => "user",
        UsageField.Feature => "feature",
        UsageField.Team => "team",
        UsageField.ApiKey => "id of the API key",
        UsageField.RequestId => "request id",
        UsageField.Requests => "number of requests in the row",
        UsageField.Input when counting == CacheCounting.Inside => "input tokens, cached ones included",
        UsageField.Input => "input tokens, cached ones not included",
        UsageField.InputUncached => "input tokens, cached ones not included",
        UsageField.CacheRead => "input tokens read from the provider's cache",
        UsageField.CacheWrite => "input tokens written to the provider's cache for 5 minutes",
        UsageField.CacheWrite5m => "input tokens written to the provider's cache for 5 minutes",
        UsageField.CacheWrite1h => "input tokens written to the provider's cache for 1 hour",
        UsageField.Output => "output tokens, reasoning included",
        UsageField.Reasoning => "reasoning tokens, part of the output",
        UsageField.Batch => "whether the batch price applies",
        UsageField.Tier => "service tier",
        UsageField.LatencyMs => "latency in milliseconds",
        UsageField.LatencySeconds => "latency in seconds",
        UsageField.FirstTokenMs => "time to the first token in milliseconds",
        UsageField.FirstTokenSeconds => "time to the first token in seconds",
        UsageField.Status => "status",
        UsageField.Error => "error",
        UsageField.Cost => "cost in US dollars as the source states it",
        UsageField.PromptHash => "fingerprint of the prompt",
        UsageField.Prompt => "prompt; only its fingerprint is kept",
        UsageField.PrefixHash => "fingerprint of the prompt's cacheable prefix",
        UsageField.PrefixTokens => "length of the cacheable prefix in tokens",
        UsageField.GatewayCacheHit => "answered from the gateway's own cache; such a row counts 0 tokens",
        UsageField.UsageObject => "token counts by kind",
        UsageField.LiteLlmMetadata => "cached and reasoning tokens of usage_object",
        UsageField.Kind => "kind of the row; only calls of a model count",
        UsageField.MessageId => "message id; the last line of a message counts",
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
    };
}
