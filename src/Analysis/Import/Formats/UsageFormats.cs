using Throughline.Analysis.Import.Rows;
using static Throughline.Analysis.Import.Formats.UsageFormat;
using static Throughline.Analysis.Import.Rows.UsageField;

namespace Throughline.Analysis.Import.Formats;

/// <summary>Every format that is recognised, the most particular first.</summary>
internal static class UsageFormats
{
    // TIMESTAMP,ContextTokens,GeneratedTokens
    private static readonly UsageFormat Azure = new("azure-llm-trace", CacheCounting.Inside,
        seen => Has(seen, "timestamp", "contexttokens", "generatedtokens"),
        Names((At, "TIMESTAMP"), (Input, "ContextTokens"), (Output, "GeneratedTokens")));

    // request_id, call_type, api_key, spend, prompt_tokens, completion_tokens, startTime, endTime, model, user, metadata …
    private static readonly UsageFormat LiteLlm = new("litellm-spend-logs", CacheCounting.Inside,
        seen => Has(seen, "prompttokens", "completiontokens", "starttime") && (seen.Contains("spend") || seen.Contains("calltype") || seen.Contains("modelgroup")),
        Names((At, "startTime"), (EndAt, "endTime"), (FirstTokenAt, "completionStartTime"), (LatencyMs, "request_duration_ms"),
            (Model, "model model_group"), (Provider, "custom_llm_provider"), (User, "user end_user"), (Feature, "request_tags agent_id mcp_namespaced_tool_name call_type"),
            (Team, "team_id organization_id"), (ApiKey, "api_key"), (RequestId, "request_id"), (Input, "prompt_tokens"),
            (Output, "completion_tokens"), (UsageField.Cost, "spend"), (Status, "status"), (GatewayCacheHit, "cache_hit"),
            (LiteLlmMetadata, "metadata"), (Prompt, "messages")));

    // id, trace_id, type, start_time, end_time, provided_model_name, usage_details{}, total_cost, latency …
    private static readonly UsageFormat Langfuse = new("langfuse-observations", CacheCounting.Outside,
        seen => seen.Contains("usagedetails") || (Has(seen, "traceid", "starttime", "type") && (seen.Contains("providedmodelname") || seen.Contains("inputusage"))),
        Names((At, "start_time"), (EndAt, "end_time"), (FirstTokenAt, "completion_start_time"), (LatencySeconds, "latency"),
            (FirstTokenSeconds, "time_to_first_token"), (Model, "provided_model_name model internal_model"),
            (User, "user_id"), (Feature, "name prompt_name trace_name"), (Team, "project_id"), (RequestId, "id"), (UsageObject, "usage_details usage"),
            (Input, "input_usage prompt_tokens"), (Output, "output_usage completion_tokens"), (UsageField.Cost, "total_cost calculated_total_cost"),
            (Status, "level"), (Prompt, "input"), (Kind, "type")));

    // response_id, request_created_at, request_user_id, prompt_tokens, completion_tokens, latency, cost …
    private static readonly UsageFormat Helicone = new("helicone-requests", CacheCounting.Inside,
        seen => Has(seen, "requestcreatedat", "prompttokens", "completiontokens"),
        Names((At, "request_created_at"), (EndAt, "response_created_at"), (Model, "model"), (Provider, "provider"), (User, "request_user_id"),
            (RequestId, "response_id request_id"), (Input, "prompt_tokens"), (Output, "completion_tokens"), (LatencyMs, "latency delay_ms"),
            (CacheRead, "prompt_cache_read_tokens"), (CacheWrite, "prompt_cache_write_tokens"), (UsageField.Cost, "cost cost_usd"),
            (Status, "response_status"), (Prompt, "request_body")));

    // {"timestamp":…,"sessionId":…,"requestId":…,"message":{"id":…,"model":…,"usage":{…}}}
    private static readonly UsageFormat ClaudeCode = new("claude-code", CacheCounting.Outside,
        seen => Has(seen, "messageusageinputtokens", "messageusageoutputtokens"),
        Names((At, "timestamp"), (Model, "message.model"), (RequestId, "requestId"), (MessageId, "message.id"), (Feature, "project cwd sessionId"),
            (Input, "message.usage.input_tokens"), (Output, "message.usage.output_tokens"), (CacheRead, "message.usage.cache_read_input_tokens"),
            (CacheWrite, "message.usage.cache_creation_input_tokens"), (CacheWrite5m, "message.usage.cache_creation.ephemeral_5m_input_tokens"),
            (CacheWrite1h, "message.usage.cache_creation.ephemeral_1h_input_tokens"), (UsageField.Cost, "costUSD"), (Tier, "message.usage.service_tier")));

    // {"start_time":…,"end_time":…,"results":[{"input_tokens":…,"input_cached_tokens":…,"num_model_requests":…}]}
    private static readonly UsageFormat OpenAi = new("openai-usage", CacheCounting.Inside,
        seen => Has(seen, "nummodelrequests", "inputtokens"),
        Names((At, "start_time"), (Model, "model"), (User, "user_id"), (Team, "project_id"), (ApiKey, "api_key_id"), (Requests, "num_model_requests"),
            (Input, "input_tokens"), (CacheRead, "input_cached_tokens"), (CacheWrite, "input_cache_write_tokens"), (Output, "output_tokens"),
            (Batch, "batch"), (Tier, "service_tier")));

    // {"starting_at":…,"results":[{"uncached_input_tokens":…,"cache_read_input_tokens":…,"cache_creation":{…}}]}
    private static readonly UsageFormat Anthropic = new("anthropic-usage", CacheCounting.Outside,
        seen => Has(seen, "uncachedinputtokens", "outputtokens"),
        Names((At, "starting_at date usage_date_utc"), (Model, "model model_version"), (User, "account_id"), (Team, "workspace_id workspace"), (ApiKey, "api_key_id api_key"), (Tier, "service_tier usage_type"),
            (InputUncached, "uncached_input_tokens usage_input_tokens_no_cache"), (CacheRead, "cache_read_input_tokens usage_input_tokens_cache_read"),
            (CacheWrite5m, "cache_creation.ephemeral_5m_input_tokens usage_input_tokens_cache_write_5m"), (CacheWrite, "cache_creation_tokens"),
            (CacheWrite1h, "cache_creation.ephemeral_1h_input_tokens usage_input_tokens_cache_write_1h"), (Output, "output_tokens usage_output_tokens")));

    // Span attributes: OpenTelemetry's GenAI names of three generations, what is seen off the specification, and OpenInference's.
    private static readonly UsageFormat Otlp = new("otlp-genai-spans", CacheCounting.Inside,
        seen => seen.Contains("genaiusageinputtokens") || seen.Contains("genaiusageprompttokens") || seen.Contains("llmtokencountprompt")
            || seen.Contains("genaiusageoutputtokens") || seen.Contains("genaiusagecompletiontokens") || seen.Contains("llmtokencountcompletion")
            || seen.Contains("llmusageprompttokens"),
        Names((At, "startTimeUnixNano start_time_unix_nano"), (EndAt, "endTimeUnixNano end_time_unix_nano"),
            (Model, "gen_ai.response.model gen_ai.request.model llm.model_name"),
            (Provider, "gen_ai.provider.name gen_ai.system llm.provider llm.system"), (User, "user.id enduser.id"),
            (Feature, "gen_ai.agent.name gen_ai.workflow.name gen_ai.prompt.name service.name name"), (Team, "team.id service.namespace"),
            (RequestId, "gen_ai.response.id spanId span_id"),
            (Input, "gen_ai.usage.input_tokens gen_ai.usage.prompt_tokens llm.token_count.prompt llm.usage.prompt_tokens"),
            (Output, "gen_ai.usage.output_tokens gen_ai.usage.completion_tokens llm.token_count.completion llm.usage.completion_tokens"),
            (CacheRead, "gen_ai.usage.cache_read.input_tokens gen_ai.usage.cache_read_input_tokens gen_ai.usage.cache_read_tokens gen_ai.usage.input_cached_tokens llm.token_count.prompt_details.cache_read"),
            (CacheWrite, "gen_ai.usage.cache_creation.input_tokens gen_ai.usage.cache_creation_input_tokens gen_ai.usage.cache_write_tokens llm.token_count.prompt_details.cache_write"),
            (Reasoning, "gen_ai.usage.reasoning.output_tokens gen_ai.usage.reasoning_tokens llm.token_count.completion_details.reasoning"),
            (UsageField.Cost, "gen_ai.usage.cost llm.cost.total"), (Tier, "openai.response.service_tier gen_ai.openai.response.service_tier openai.request.service_tier gen_ai.openai.request.service_tier"),
            (FirstTokenSeconds, "gen_ai.response.time_to_first_chunk gen_ai.server.time_to_first_token"), (Error, "error.type"), (Status, "status.code"),
            (Prompt, "gen_ai.input.messages gen_ai.prompt input.value")));

    /// <summary>Names that plain tables use; what a header guesses from.</summary>
    private static readonly Dictionary<string, (UsageField, int)> PlainNames = Names(
        (At, "timestamp time at date datetime created_at created start_time started_at request_time ts day event_time usage_date start_time_unix"),
        (EndAt, "end_time ended_at finished_at completed_at response_time_utc"),
        (FirstTokenAt, "first_token_at first_token_time completion_start_time"),
        (Model, "model model_name model_id deployment deployment_name engine llm model_version"),
        (Provider, "provider vendor custom_llm_provider llm_provider system"),
        (User, "user user_id username user_name user_email email end_user customer customer_id"),
        (Feature, "feature tag use_case usecase feature_name application app service operation endpoint workload task product route tags"),
        (Team, "team team_id team_name department project project_id project_name organization org cost_center workspace group"),
        (ApiKey, "api_key_id key_id api_key_name key_name api_key api_key_hash"),
        (RequestId, "request_id id response_id call_id generation_id trace_id"),
        (Requests, "requests num_requests num_model_requests request_count calls n_requests"),
        (Input, "input_tokens prompt_tokens tokens_in context_tokens input_token_count prompt_token_count n_input_tokens input_length tokens_input tokens_prompt in_tokens input"),
        (InputUncached, "uncached_input_tokens input_uncached_tokens input_uncached input_tokens_no_cache"),
        (CacheRead, "cached_input_tokens cache_read_input_tokens cached_tokens cache_read_tokens input_cached_tokens cache_read cached prompt_cached_tokens cached_prompt_tokens cache_hit_tokens"),
        (CacheWrite, "cache_creation_input_tokens cache_write_tokens cache_creation_tokens cache_write input_cache_write_tokens cache_write_input_tokens"),
        (CacheWrite5m, "cache_write_5m cache_write_5m_tokens cache_creation_5m_tokens"),
        (CacheWrite1h, "cache_write_1h cache_write_1h_tokens cache_creation_1h_tokens"),
        (Output, "output_tokens completion_tokens tokens_out generated_tokens output_token_count candidates_token_count n_output_tokens output_length tokens_output tokens_completion out_tokens output"),
        (Reasoning, "reasoning_tokens output_reasoning_tokens thinking_tokens thoughts_token_count"),
        (Batch, "batch is_batch"), (Tier, "service_tier tier"),
        (LatencyMs, "latency_ms duration_ms elapsed_ms response_time_ms total_latency_ms request_duration_ms latency_milliseconds"),
        (LatencySeconds, "latency_s latency_seconds duration_s duration_seconds latency duration elapsed_seconds"),
        (FirstTokenMs, "first_token_ms ttft_ms time_to_first_token_ms"),
        (FirstTokenSeconds, "ttft time_to_first_token ttft_s ttft_seconds first_token_s"),
        (Status, "status status_code response_status outcome"), (Error, "error error_type error_code error_message"),
        (UsageField.Cost, "cost cost_usd spend total_cost usd amount_usd price_usd spend_usd reported_cost cost_in_usd"),
        (PromptHash, "prompt_hash prompt_sha256 request_hash"), (Prompt, "prompt messages prompt_text"),
        (PrefixHash, "prefix_hash system_prompt_hash"), (PrefixTokens, "prefix_tokens cacheable_prefix_tokens system_prompt_tokens"));

    private static readonly UsageFormat PlainInside = new("plain", CacheCounting.Inside, HasTokens, PlainNames);

    // Anthropic's spelling beside input_tokens means Anthropic's counting.
    private static readonly UsageFormat PlainOutside = new("plain", CacheCounting.Outside,
        seen => HasTokens(seen) && (seen.Contains("cachecreationinputtokens") || seen.Contains("cachereadinputtokens"))
            && seen.Contains("inputtokens"), PlainNames);

    private static readonly UsageFormat[] All = [Azure, ClaudeCode, Otlp, Langfuse, LiteLlm, Helicone, OpenAi, Anthropic, PlainOutside, PlainInside];

    /// <param name="columns">Names as the source spells them; nested ones joined by a dot.</param>
    public static UsageFormat? Recognise(IEnumerable<string> columns)
    {
        var seen = columns.Select(Key).ToHashSet();
        return All.FirstOrDefault(format => format.Recognises(seen));
    }

    private static bool HasTokens(IReadOnlySet<string> seen) =>
        seen.Any(key => PlainNames.TryGetValue(key, out var meaning)
            && meaning.Item1 is Input or InputUncached or Output);

    private static bool Has(IReadOnlySet<string> seen, params string[] keys) => keys.All(seen.Contains);
}
