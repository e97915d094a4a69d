using DuckDB.NET.Data;
using DuckDB.NET.Data.DataChunk.Writer;
using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Parquet;

/// <summary>Streams rows into a Parquet file: nothing but the row group at hand is held.</summary>
internal static class UsageParquet
{
    private static readonly ColumnInfo[] Columns =
    [
        new("row_number", typeof(long)), new("source_line", typeof(long)), new("at", typeof(DateTime)),
        new("model", typeof(string)), new("provider", typeof(string)), new("user_id", typeof(string)),
        new("feature", typeof(string)), new("team", typeof(string)), new("api_key", typeof(string)),
        new("request_id", typeof(string)), new("requests", typeof(long)), new("input_uncached", typeof(long)),
        new("cache_read", typeof(long)), new("cache_write_5m", typeof(long)), new("cache_write_1h", typeof(long)),
        new("output", typeof(long)), new("reasoning", typeof(long)), new("is_batch", typeof(bool)),
        new("service_tier", typeof(string)), new("latency_ms", typeof(double)), new("first_token_ms", typeof(double)),
        new("status", typeof(string)), new("reported_cost", typeof(decimal)), new("prompt_hash", typeof(string)),
        new("prefix_hash", typeof(string)), new("prefix_tokens", typeof(long)),
    ];

    public static void Write(IEnumerable<object> rows, string path, int memoryMb)
    {
        using var engine = AnalyticsEngine.Open(Path.GetDirectoryName(path)!, memoryMb);
        engine.RegisterTableFunction("usage_rows", () => new TableFunction(Columns, rows, default), WriteRow);
        engine.Execute($"""
            COPY (SELECT * REPLACE (reported_cost::DECIMAL(28,12) AS reported_cost) FROM usage_rows())
            TO {AnalyticsEngine.Quote(path)} (FORMAT parquet, COMPRESSION zstd)
            """);
    }

    private static void WriteRow(object? item, IDuckDBDataWriter[] to, ulong at)
    {
        var row = (UsageRow)item!;
        to[0].WriteValue(row.RowNumber, at);
        to[1].WriteValue(row.SourceLine, at);
        Write(to[2], row.At, at);
        Write(to[3], row.Model, at);
        Write(to[4], row.Provider, at);
        Write(to[5], row.User, at);
        Write(to[6], row.Feature, at);
        Write(to[7], row.Team, at);
        Write(to[8], row.ApiKey, at);
        Write(to[9], row.RequestId, at);
        to[10].WriteValue(row.Requests, at);
        to[11].WriteValue(row.InputUncached, at);
        to[12].WriteValue(row.CacheRead, at);
        to[13].WriteValue(row.CacheWrite5m, at);
        to[14].WriteValue(row.CacheWrite1h, at);
        to[15].WriteValue(row.Output, at);
        to[16].WriteValue(row.Reasoning, at);
        to[17].WriteValue(row.IsBatch, at);
        Write(to[18], row.ServiceTier, at);
        Write(to[19], row.LatencyMs, at);
        Write(to[20], row.FirstTokenMs, at);
        Write(to[21], row.Status, at);
        Write(to[22], row.ReportedCost, at);
        Write(to[23], row.PromptHash, at);
        Write(to[24], row.PrefixHash, at);
        Write(to[25], row.PrefixTokens, at);
    }

    private static void Write(IDuckDBDataWriter to, string? value, ulong at)
    {
        if (value is null)
        {
            to.WriteNull(at);
        }
        else
        {
            to.WriteValue(value, at);
        }
    }

    private static void Write<T>(IDuckDBDataWriter to, T? value, ulong at) where T : struct
    {
        if (value is { } present)
        {
            to.WriteValue(present, at);
        }
        else
        {
            to.WriteNull(at);
        }
    }
}
