using System.Globalization;

namespace Throughline.Analysis.Tools;

/// <summary>What the files hold: triage reads it to understand a question, and to say what cannot be answered.</summary>
/// <param name="Columns">Columns of the schema that hold at least one value.</param>
/// <param name="Models">Spellings of models, most rows first.</param>
/// <param name="From">First instant, UTC.</param>
public sealed record DataProfile(
    long Rows, IReadOnlyList<string> Columns, IReadOnlyList<string> Models, IReadOnlyList<string> Features,
    IReadOnlyList<string> Teams, IReadOnlyList<string> Users, DateTime? From, DateTime? To)
{
    public const int MostNames = 500;

    private static readonly string[] Optional =
        ["at", "model", "user_id", "feature", "team", "latency_ms", "first_token_ms", "status", "prompt_hash", "prefix_hash"];

    /// <summary>Of no file at all.</summary>
    public static DataProfile Empty { get; } = new(0, [], [], [], [], [], null, null);

    public bool Has(string column) => Columns.Contains(column);

    /// <summary>Reads it in one pass; long lists of names are cut at <see cref="MostNames"/>.</summary>
    public static async Task<DataProfile> ReadAsync(UsageSession session, CancellationToken cancellationToken)
    {
        var counts = await session.QueryAsync(
            $"SELECT count(*)::BIGINT, min(\"at\"), max(\"at\"), {string.Join(", ", Optional.Select(column => $"count(\"{column}\")::BIGINT"))} FROM {session.Source}",
            reader => (Rows: reader.GetInt64(0), From: reader.IsDBNull(1) ? (DateTime?)null : reader.GetDateTime(1),
                To: reader.IsDBNull(2) ? (DateTime?)null : reader.GetDateTime(2),
                Columns: Optional.Where((_, i) => reader.GetInt64(i + 3) > 0).ToArray()), cancellationToken);
        var found = counts[0];
        async Task<IReadOnlyList<string>> NamesAsync(string column) => !found.Columns.Contains(column) ? [] : await session.QueryAsync(
            string.Create(CultureInfo.InvariantCulture,
                $"SELECT {column} FROM {session.Source} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MostNames}"),
            reader => reader.GetString(0), cancellationToken);
        return new DataProfile(
            found.Rows, found.Columns, await NamesAsync("model"), await NamesAsync("feature"), await NamesAsync("team"),
            await NamesAsync("user_id"), found.From, found.To);
    }
}
