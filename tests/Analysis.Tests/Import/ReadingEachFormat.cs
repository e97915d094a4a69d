namespace Throughline.Analysis.Tests.Import;

public sealed class ReadingEachFormat : IDisposable
{
    private const string Tokens = "input_uncached, cache_read, cache_write_5m, cache_write_1h, output, reasoning";
    private readonly ImportFolder _folder = new();

    [Fact]
    public async Task LiteLLM_spend_logs_as_CSV_find_cached_tokens_in_the_metadata()
    {
        var outcome = await _folder.ReadAsync("logs.csv", """
            request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,completionStartTime,model,model_group,custom_llm_provider,user,metadata,cache_hit,request_tags,team_id,status
            r1,acompletion,88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b,0.0021,1100,1000,100,2025-06-01 10:00:00.250000,2025-06-01 10:00:02.250000,2025-06-01 10:00:00.750000,gpt-4o,chat,openai,ada,"{""usage_object"": {""prompt_tokens"": 1000, ""prompt_tokens_details"": {""cached_tokens"": 640}, ""completion_tokens_details"": {""reasoning_tokens"": 30}}}",False,"[""search""]",core,success
            r2,acompletion,k,0,1100,1000,100,2025-06-01 10:01:00,2025-06-01 10:01:00.010,,gpt-4o,chat,openai,ada,{},True,[],core,success
            r3,acompletion,k,0,0,0,0,2025-06-01 10:02:00,2025-06-01 10:02:01,,gpt-4o,chat,openai,ada,{},,[],core,failure
            """);

        Assert.Equal(("litellm-spend-logs", 3L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal(["360|640|0|0|100|30", "0|0|0|0|0|0", "0|0|0|0|0|0"], _folder.Rows(Tokens));
        Assert.Equal("2025-06-01 10:00:00.25|gpt-4o|openai|ada|core|r1|2000.0|500.0|ok|0.002100000000",
            _folder.Rows("at, model, provider, user_id, team, request_id, latency_ms, first_token_ms, status, reported_cost")[0]);
        Assert.Equal("error", _folder.Rows("status")[2]);
    }

    [Fact]
    public async Task LiteLLM_spend_logs_as_JSONL_read_the_same()
    {
        var outcome = await _folder.ReadAsync("logs.jsonl", """
            {"request_id":"r1","call_type":"acompletion","spend":1.5e-05,"prompt_tokens":1000,"completion_tokens":100,"startTime":"2025-06-01T10:00:00Z","endTime":"2025-06-01T10:00:01.5Z","model":"claude-sonnet-4-5","custom_llm_provider":"anthropic","user":"bob","metadata":{"usage_object":{"cache_read_input_tokens":500,"cache_creation_input_tokens":200}},"request_tags":["search","beta"],"team_id":"core","status":"success"}
            """);

        Assert.Equal("litellm-spend-logs", outcome.Format);
        Assert.Equal(["300|500|200|0|100|0"], _folder.Rows(Tokens));
        Assert.Equal(["search, beta|bob|1500.0|0.000015000000"], _folder.Rows("feature, user_id, latency_ms, reported_cost"));
    }

    [Fact]
    public async Task OpenAI_usage_buckets_hold_aggregated_rows_whose_cached_tokens_are_inside_input()
    {
        var outcome = await _folder.ReadAsync("usage.json", """
            {
              "object": "page",
              "data": [
                { "object": "bucket", "start_time": 1730419200, "end_time": 1730505600, "results": [
                  { "object": "organization.usage.completions.result", "input_tokens": 1000, "output_tokens": 500, "input_cached_tokens": 800,
                    "num_model_requests": 5, "project_id": "proj_abc", "user_id": "user_abc", "api_key_id": "key_abc", "model": "gpt-4o-mini-2024-07-18", "batch": false, "service_tier": "default" },
                  { "object": "organization.usage.completions.result", "input_tokens": 70, "output_tokens": 7, "input_cached_tokens": 0,
                    "num_model_requests": 1, "project_id": null, "user_id": null, "api_key_id": null, "model": "gpt-4o", "batch": true } ] },
                { "object": "bucket", "start_time": 1730505600, "end_time": 1730592000, "results": [] }
              ],
              "has_more": false, "next_page": null
            }
            """);

        Assert.Equal(("openai-usage", 2L), (outcome.Format, outcome.Rows));
        Assert.Equal(["200|800|0|0|500|0", "70|0|0|0|7|0"], _folder.Rows(Tokens));
        Assert.Equal(
            ["2024-11-01 00:00:00|gpt-4o-mini-2024-07-18|user_abc|proj_abc|key_abc|5|false|default", "2024-11-01 00:00:00|gpt-4o|-|-|-|1|true|-"],
            _folder.Rows("at, model, user_id, team, api_key, requests, is_batch, service_tier"));
    }

    [Fact]
    public async Task Anthropic_usage_buckets_hold_cached_tokens_beside_input()
    {
        var outcome = await _folder.ReadAsync("usage.json", """
            {"data":[{"starting_at":"2025-08-01T00:00:00Z","ending_at":"2025-08-02T00:00:00Z","results":[{"uncached_input_tokens":1500,"cache_creation":{"ephemeral_1h_input_tokens":1000,"ephemeral_5m_input_tokens":500},"cache_read_input_tokens":200,"output_tokens":500,"server_tool_use":{"web_search_requests":10},"api_key_id":"apikey_1","workspace_id":"wrkspc_1","model":"claude-sonnet-4-20250514","service_tier":"batch","context_window":"0-200k"}]}],"has_more":false}
            """);

        Assert.Equal("anthropic-usage", outcome.Format);
        Assert.Equal(["1500|200|500|1000|500|0"], _folder.Rows(Tokens));
        Assert.Equal(["2025-08-01 00:00:00|wrkspc_1|true|batch"], _folder.Rows("at, team, is_batch, service_tier"));
    }

    [Fact]
    public async Task Langfuse_usage_details_are_disjoint_unless_the_total_says_otherwise()
    {
        var outcome = await _folder.ReadAsync("observations.jsonl", """
            {"id":"o1","trace_id":"t1","project_id":"p","type":"GENERATION","start_time":"2025-05-01T08:00:00.000Z","end_time":"2025-05-01T08:00:03.000Z","completion_start_time":"2025-05-01T08:00:00.400Z","name":"draft","provided_model_name":"gpt-4o","level":"DEFAULT","usage_details":{"input":900,"input_cached_tokens":100,"output":50,"output_reasoning_tokens":20,"total":1070},"total_cost":0.003}
            {"id":"o2","trace_id":"t1","project_id":"p","type":"GENERATION","start_time":"2025-05-01T08:00:05.000Z","end_time":"2025-05-01T08:00:06.000Z","name":"draft","provided_model_name":"gpt-4o","level":"ERROR","usage_details":{"input":1000,"input_cached_tokens":100,"output":70,"output_reasoning_tokens":20,"total":1070}}
            {"id":"o3","trace_id":"t1","project_id":"p","type":"GENERATION","start_time":"2025-05-01T08:00:07.000Z","name":"draft","provided_model_name":"claude-sonnet-4-5","usage_details":{"input":10,"cache_read_input_tokens":300,"cache_creation_input_tokens":40,"output":5}}
            {"id":"o4","trace_id":"t1","project_id":"p","type":"SPAN","start_time":"2025-05-01T08:00:00.000Z","name":"chain","usage_details":{}}
            """);

        Assert.Equal(("langfuse-observations", 3L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal(["900|100|0|0|70|20", "900|100|0|0|70|20", "10|300|40|0|5|0"], _folder.Rows(Tokens));
        Assert.Equal(["draft|o1|3000.0|400.0|ok", "draft|o2|1000.0|-|error", "draft|o3|-|-|-"], _folder.Rows("feature, request_id, latency_ms, first_token_ms, status"));
    }

    [Fact]
    public async Task Langfuse_observations_as_CSV_keep_the_JSON_in_its_cell()
    {
        var outcome = await _folder.ReadAsync("observations.csv",
            "id,trace_id,type,start_time,end_time,name,level,input,provided_model_name,usage_details,total_cost\r\n"
            + "o1,t1,GENERATION,2025-05-01T08:00:00Z,2025-05-01T08:00:02Z,draft,DEFAULT,\"two\r\nlines, \"\"quoted\"\"\",gpt-4o,\"{\"\"input\"\":5,\"\"output\"\":2,\"\"total\"\":7}\",0.1\r\n"
            + "o2,t1,GENERATION,2025-05-01T08:00:00Z,2025-05-01T08:00:02Z,draft,DEFAULT,x,gpt-4o,\"{\"\"input\"\":5,\"\"output\"\":2.5}\",0.1\r\n");

        Assert.Equal("langfuse-observations", outcome.Format);
        Assert.Equal(["2|5|2"], _folder.Rows("source_line, input_uncached, output"));
        Assert.Equal([(4L, "output is not a whole number: 2.5")], outcome.Refused.First.Select(r => (r.Line, r.Reason)));
    }

    [Fact]
    public async Task Spans_of_all_naming_generations_count_once()
    {
        var outcome = await _folder.ReadAsync("spans.json", """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"x"},"spans":[
              {"traceId":"t","spanId":"s1","name":"chat gpt-4o","startTimeUnixNano":"1748772000000000000","endTimeUnixNano":"1748772001500000000","status":{"code":0},"attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.response.model","value":{"stringValue":"gpt-4o-2024-08-06"}},
                {"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"60"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":9}},{"key":"gen_ai.usage.reasoning.output_tokens","value":{"intValue":"4"}},{"key":"gen_ai.response.id","value":{"stringValue":"resp1"}}]},
              {"traceId":"t","spanId":"s2","name":"chat","startTimeUnixNano":"1748772002000000000","endTimeUnixNano":"1748772003000000000","status":{"code":2},"attributes":[
                {"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4"}},{"key":"gen_ai.usage.prompt_tokens","value":{"intValue":"11"}},{"key":"gen_ai.usage.completion_tokens","value":{"intValue":"3"}}]},
              {"traceId":"t","spanId":"s3","name":"llm","startTimeUnixNano":"1748772004000000000","endTimeUnixNano":"1748772005000000000","attributes":[
                {"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.model_name","value":{"stringValue":"claude-3-haiku"}},{"key":"llm.token_count.prompt","value":{"intValue":"20"}},{"key":"llm.token_count.prompt_details.cache_read","value":{"intValue":"5"}},{"key":"llm.token_count.completion","value":{"intValue":"2"}}]},
              {"traceId":"t","spanId":"s4","name":"agent","startTimeUnixNano":"1748772000000000000","endTimeUnixNano":"1748772005000000000","attributes":[
                {"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"131"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"14"}}]},
              {"traceId":"t","spanId":"s5","name":"GET /","startTimeUnixNano":"1748772000000000000","endTimeUnixNano":"1748772005000000000","attributes":[]}
            ]}]}]}
            """);

        Assert.Equal(("otlp-genai-spans", 3L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal(["40|60|0|0|9|4", "11|0|0|0|3|0", "15|5|0|0|2|0"], _folder.Rows(Tokens));
        Assert.Equal(
            ["2025-06-01 10:00:00|gpt-4o-2024-08-06|openai|shop|resp1|1500.0|ok", "2025-06-01 10:00:02|gpt-4|openai|shop|s2|1000.0|error", "2025-06-01 10:00:04|claude-3-haiku|-|shop|s3|1000.0|-"],
            _folder.Rows("at, model, provider, feature, request_id, latency_ms, status"));
    }

    [Fact]
    public async Task Spans_one_batch_a_line_keep_their_line()
    {
        const string Line = """{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"s","name":"n","startTimeUnixNano":"1748772000000000000","attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"TOKENS"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"1"}}]}]}]}]}""";
        var outcome = await _folder.ReadAsync("spans.jsonl", string.Join('\n', Line.Replace("TOKENS", "7", StringComparison.Ordinal), Line.Replace("TOKENS", "-7", StringComparison.Ordinal), Line.Replace("TOKENS", "9", StringComparison.Ordinal)));

        Assert.Equal(["1|7", "3|9"], _folder.Rows("source_line, input_uncached"));
        Assert.Equal([(2L, "gen_ai.usage.input_tokens is not a whole number: -7")], outcome.Refused.First.Select(r => (r.Line, r.Reason)));
    }

    [Fact]
    public async Task Claude_Code_counts_the_last_line_of_each_message()
    {
        var outcome = await _folder.ReadAsync("session.jsonl", """
            {"type":"user","timestamp":"2025-07-01T09:00:00.000Z","sessionId":"s","message":{"role":"user","content":"hello"}}
            {"type":"assistant","timestamp":"2025-07-01T09:00:01.000Z","sessionId":"s","requestId":"q1","message":{"id":"m1","role":"assistant","model":"claude-sonnet-4-20250514","usage":{"input_tokens":4,"output_tokens":1,"cache_creation_input_tokens":100,"cache_read_input_tokens":900}}}
            {"type":"assistant","timestamp":"2025-07-01T09:00:02.000Z","sessionId":"s","requestId":"q1","message":{"id":"m1","role":"assistant","model":"claude-sonnet-4-20250514","usage":{"input_tokens":4,"output_tokens":77,"cache_creation_input_tokens":100,"cache_read_input_tokens":900,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":70}}}}
            {"type":"assistant","timestamp":"2025-07-01T09:00:05.000Z","sessionId":"s","message":{"id":"m2","role":"assistant","model":"claude-sonnet-4-20250514","usage":{"input_tokens":5,"output_tokens":6}}}
            """);

        Assert.Equal(("claude-code", 2L, 0L), (outcome.Format, outcome.Rows, outcome.Refused.Count));
        Assert.Equal(["4|900|30|70|77|0", "5|0|0|0|6|0"], _folder.Rows(Tokens));
        Assert.Equal(["3", "4"], _folder.Rows("source_line"));
    }

    [Fact]
    public async Task A_plain_table_is_guessed_from_its_header_and_the_guess_is_shown()
    {
        var outcome = await _folder.ReadAsync("Kosten.csv", "Date;Model Name;User Email;Prompt Tokens;Cached Tokens;Completion Tokens;Latency (ms);Colour\n2025-03-01;gpt-4o;a@x.org;100;40;10;250;red\n1740823230123;gpt-4o;;7;;1.0;;\n");

        Assert.Equal("plain", outcome.Format);
        Assert.Equal(["60|40|0|0|10|0", "7|0|0|0|1|0"], _folder.Rows(Tokens));
        Assert.Equal(["2025-03-01 00:00:00|a@x.org|250.0", "2025-03-01 10:00:30.123|-|-"], _folder.Rows("at, user_id, latency_ms"));
        Assert.Equal("Date: time of the request, UTC unless it says otherwise|Model Name: model|User Email: user|Prompt Tokens: input tokens, cached ones included|Cached Tokens: input tokens read from the provider's cache|Completion Tokens: output tokens, reasoning included|Latency (ms): latency in milliseconds|Colour: not used",
            string.Join('|', outcome.Columns.Select(c => $"{c.Name}: {c.Meaning}")));
    }

    [Fact]
    public async Task A_table_with_Anthropics_names_is_counted_as_Anthropic_does()
    {
        await _folder.ReadAsync("x.csv", "timestamp,input_tokens,cache_read_input_tokens,cache_creation_input_tokens,output_tokens\n2025-03-01T10:00:00+02:00,5,900,100,7\n");

        Assert.Equal(["5|900|100|0|7|0"], _folder.Rows(Tokens));
        Assert.Equal(["2025-03-01 08:00:00"], _folder.Rows("at"));
    }

    [Fact]
    public async Task A_key_in_a_log_is_not_kept()
    {
        await _folder.ReadAsync("x.csv", "api_key,input_tokens\nsk-proj-abcdefghijklmnopqrstuvwxyz,5\n");

        Assert.Matches("^key-[0-9a-f]{12}$", Assert.Single(_folder.Rows("api_key")));
    }

    [Fact]
    public async Task Equal_prompts_have_equal_fingerprints_and_repeated_requests_stay_recognisable()
    {
        await _folder.ReadAsync("x.jsonl", """
            {"request_id":"a","prompt":"hello","input_tokens":5,"output_tokens":1}
            {"request_id":"a","prompt":"hello","input_tokens":5,"output_tokens":1}
            {"request_id":"b","prompt":"other","input_tokens":5,"output_tokens":1}
            """);

        Assert.Equal(["3|2|2"], _folder.Query("SELECT concat_ws('|', count(*), count(DISTINCT request_id), count(DISTINCT prompt_hash)) FROM t"));
    }

    public void Dispose() => _folder.Dispose();
}
