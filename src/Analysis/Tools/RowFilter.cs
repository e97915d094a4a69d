using System.Globalization;
using System.Text;
using DuckDB.NET.Data;

namespace Throughline.Analysis.Tools;

/// <summary>A set of rows, as SQL with parameters and in words. Values never become SQL text.</summary>
/// <param name="FromHour">First local hour, where only part of a day is meant.</param>
/// <param name="Priced">Only rows with, or without, a price.</param>
/// <param name="Extra">A further condition, by its name in a closed list.</param>
public sealed record RowFilter(
    DateOnly? From = null, DateOnly? To = null, string? Model = null, string? User = null, string? Feature = null,
    string? Team = null, DateTime? FromHour = null, DateTime? ToHour = null, bool? Priced = null, bool? Batch = null,
    string? Extra = null)
{
    /// <summary>Closed set of further conditions, by name: no text from outside becomes SQL.</summary>
    private static readonly Dictionary<string, (string Sql, string Words)> Extras = new(StringComparer.Ordinal)
    {
        ["repeated"] = ("prompt_hash IS NOT NULL", "prompt seen before"),
        ["prefixed"] = ("prefix_hash IS NOT NULL", "with a cacheable prefix"),
        ["failed"] = ("status = 'error'", "status = error"),
        ["timed"] = ("latency_ms IS NOT NULL", "with a latency"),
        ["undated"] = ("\"at\" IS NULL", "without a date"),
        ["unnamed"] = ("model IS NULL", "without a model"),
        ["empty"] = ("input_uncached + cache_read + cache_write_5m + cache_write_1h + output = 0", "without tokens"),
    };

    public static RowFilter Of(UsageScope scope) => new(scope.From, scope.To, scope.Model, scope.User, scope.Feature, scope.Team);

    /// <summary>Whether the hourly totals suffice, or the rows themselves are needed.</summary>
    internal bool NeedsRows => User is not null || Extra is not null;

    internal (string Sql, List<DuckDBParameter> Parameters) ToSql()
    {
        var sql = new StringBuilder("TRUE");
        var parameters = new List<DuckDBParameter>();
        void Add(string condition, string name, object value)
        {
            sql.Append(" AND ").Append(condition);
            parameters.Add(new DuckDBParameter(name, value));
        }

        if (From is { } from) Add("hour >= $p_from", "p_from", from.ToDateTime(TimeOnly.MinValue));
        if (To is { } to) Add("hour < $p_to", "p_to", to.AddDays(1).ToDateTime(TimeOnly.MinValue));
        if (FromHour is { } first) Add("hour >= $p_first", "p_first", first);
        if (ToHour is { } last) Add("hour <= $p_last", "p_last", last);
        if (Model is not null) Add("model = $p_model", "p_model", Model);
        if (User is not null) Add("user_id = $p_user", "p_user", User);
        if (Feature is not null) Add("feature = $p_feature", "p_feature", Feature);
        if (Team is not null) Add("team = $p_team", "p_team", Team);
        if (Priced is { } priced) sql.Append(priced ? " AND slot IS NOT NULL" : " AND slot IS NULL");
        if (Batch is { } batch) sql.Append(batch ? " AND is_batch" : " AND NOT is_batch");
        if (Extra is not null) sql.Append(" AND ").Append(Extras[Extra].Sql);
        return (sql.ToString(), parameters);
    }

    /// <summary>The predicate as a person reads it.</summary>
    public string ToWords()
    {
        var words = new List<string>();
        if (From is not null && From == To) words.Add($"day = {Day(From.Value)}");
        else
        {
            if (From is { } from) words.Add($"day >= {Day(from)}");
            if (To is { } to) words.Add($"day <= {Day(to)}");
        }

        if (FromHour is { } first && ToHour is { } last)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"hour from {first:yyyy-MM-dd HH}:00 to {last:yyyy-MM-dd HH}:59"));
        if (Model is not null) words.Add($"model = {Model}");
        if (User is not null) words.Add($"user = {User}");
        if (Feature is not null) words.Add($"feature = {Feature}");
        if (Team is not null) words.Add($"team = {Team}");
        if (Priced is { } priced) words.Add(priced ? "with a price" : "without a price");
        if (Batch is { } batch) words.Add(batch ? "batch" : "not batch");
        if (Extra is not null) words.Add(Extras[Extra].Words);
        return words.Count == 0 ? "all rows" : string.Join(", ", words);
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
