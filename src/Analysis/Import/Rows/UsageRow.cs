namespace Throughline.Analysis.Import.Rows;

/// <summary>One row of the normal form, in the order of <see cref="UsageSchema"/>. Reused from row to row.</summary>
internal sealed class UsageRow
{
    public long RowNumber, SourceLine;
    public DateTime? At;
    public string? Model, Provider, User, Feature, Team, ApiKey, RequestId;
    public long Requests, InputUncached, CacheRead, CacheWrite5m, CacheWrite1h, Output, Reasoning;
    public bool IsBatch;
    public string? ServiceTier;
    public double? LatencyMs, FirstTokenMs;
    public string? Status;
    public decimal? ReportedCost;
    public string? PromptHash, PrefixHash;
    public long? PrefixTokens;
}
