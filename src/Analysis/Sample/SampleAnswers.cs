using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.Analysis.Sample;

/// <summary>What is true of a sample: added up row by row while it was written, in decimal arithmetic. Money is a string, in US dollars.</summary>
/// <param name="TotalCost">Of all priced rows, each at its own day's list price.</param>
/// <param name="Unpriced">Rows on models without a list price; they are in no cost.</param>
public sealed record SampleAnswers(
    long Rows, long Seed, DateOnly From, int Days, string PriceTableVersion,
    long InputTokens, long CachedInputTokens, long CacheWriteTokens, long OutputTokens, long Errors, string TotalCost,
    IReadOnlyList<SampleGroup> ByModel, IReadOnlyList<SampleGroup> ByUser, IReadOnlyList<SampleGroup> ByTeam,
    IReadOnlyList<SampleGroup> ByFeature, IReadOnlyList<SampleGroup> ByDay,
    SampleAnomaly? Anomaly, SampleDuplicates Duplicates, SamplePrefix Prefix, SampleBatch Batch, SampleUnpriced Unpriced)
{
    public string ToJson() => JsonSerializer.Serialize(this, SampleJson.Default.SampleAnswers);
}

/// <param name="Name">The model, user, team, feature or day (<c>2026-10-05</c>).</param>
/// <param name="Cost">Absent where no row of the group has a price.</param>
public sealed record SampleGroup(string Name, long Requests, long InputTokens, long OutputTokens, string? Cost);

/// <summary>For one hour a feature ran on a dearer model than usual, over a backlog.</summary>
/// <param name="Cost">What those requests cost.</param>
/// <param name="UsualCost">What they would have cost on the usual model.</param>
public sealed record SampleAnomaly(
    DateOnly Day, DateTime FromUtc, DateTime ToUtc, string Feature, string Model, string UsualModel, long Requests, string Cost, string UsualCost, string DayCost);

/// <summary>Requests whose model and prompt an earlier row already had; answered from a cache they would have cost nothing.</summary>
public sealed record SampleDuplicates(long Rows, string Cost);

/// <summary>Requests that begin with the same text as an earlier one, on the same model.</summary>
/// <param name="UncachedPrefixTokens">Prefix tokens that were paid as fresh input although an earlier row had them.</param>
/// <param name="Savings">What reading those from the provider's cache would have saved.</param>
public sealed record SamplePrefix(string Feature, int PrefixTokens, long Rows, long UncachedPrefixTokens, string Savings);

/// <summary>The nightly job that nobody waits for, sent request by request.</summary>
/// <param name="Savings">What the batch price would have saved.</param>
public sealed record SampleBatch(string Feature, long Rows, string Cost, string Savings);

public sealed record SampleUnpriced(IReadOnlyList<string> Models, long Rows, long InputTokens, long OutputTokens);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SampleAnswers))]
internal sealed partial class SampleJson : JsonSerializerContext;
