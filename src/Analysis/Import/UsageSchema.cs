namespace Throughline.Analysis.Import;

/// <summary>The one normal form of usage data: the columns of every imported Parquet file.</summary>
/// <remarks>
/// Token kinds are disjoint: input = uncached + cache read + cache writes. Reasoning is part of output.
/// A column that the source lacks is null throughout; a token count that the source lacks is 0.
/// </remarks>
public static class UsageSchema
{
    /// <summary>Column definitions for DuckDB, in order.</summary>
    public const string Columns = """
        row_number      BIGINT NOT NULL,   -- 1, 2, 3 … in file order
        source_line     BIGINT NOT NULL,   -- line or element in the uploaded file
        "at"            TIMESTAMP,         -- quoted: a keyword in SQL; when the request began, UTC
        model           VARCHAR,           -- as the source spells it
        provider        VARCHAR,
        user_id         VARCHAR,
        feature         VARCHAR,           -- feature, tag, trace or span name: what the request was for
        team            VARCHAR,
        api_key         VARCHAR,           -- id or hash of the key, never a key
        request_id      VARCHAR,
        requests        BIGINT NOT NULL,   -- 1, or the count of an aggregated row
        input_uncached  BIGINT NOT NULL,
        cache_read      BIGINT NOT NULL,
        cache_write_5m  BIGINT NOT NULL,
        cache_write_1h  BIGINT NOT NULL,
        output          BIGINT NOT NULL,   -- reasoning included
        reasoning       BIGINT NOT NULL,
        is_batch        BOOLEAN NOT NULL,
        service_tier    VARCHAR,
        latency_ms      DOUBLE,
        first_token_ms  DOUBLE,
        status          VARCHAR,           -- ok, error; null where the source does not say
        reported_cost   DECIMAL(28,12),    -- US dollars, where the source states one
        prompt_hash     VARCHAR,           -- equal prompts have equal hashes
        prefix_hash     VARCHAR,           -- equal cacheable prefixes have equal hashes
        prefix_tokens   BIGINT             -- length of that prefix
        """;
}
