using System.Globalization;
using System.Security.Cryptography;

namespace Throughline.Analysis.Prices;

/// <summary>List prices by model and day. A model that is not here has no price: it is named, never priced 0.</summary>
public sealed class PriceTable
{
    private const string Resource = "Throughline.Analysis.Prices.prices.csv";
    private static readonly Lazy<PriceTable> Embedded = new(LoadEmbedded);
    private readonly Dictionary<string, string> _canonicalBySpelling = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, PriceRow[]> _rowsByModel;

    /// <summary>A table of one's own; rows of one model do not overlap.</summary>
    public PriceTable(string version, IReadOnlyList<PriceRow> rows)
    {
        Version = version;
        Rows = rows;
        _rowsByModel = rows.GroupBy(r => r.Model).ToDictionary(g => g.Key, g => g.OrderBy(r => r.From).ToArray());
        foreach (var row in rows)
        {
            _canonicalBySpelling.TryAdd(row.Model, row.Model);
        }

        foreach (var row in rows)
        {
            foreach (var alias in row.Aliases)
            {
                _canonicalBySpelling.TryAdd(alias, row.Model);
            }
        }
    }

    /// <summary>Day of the newest source and a fingerprint of the content, e.g. <c>2026-08-13.3f9c21aa</c>.</summary>
    public string Version { get; }

    /// <summary>All rows, grouped by provider and model, oldest first.</summary>
    public IReadOnlyList<PriceRow> Rows { get; }

    /// <summary>The table that ships with the program.</summary>
    public static PriceTable Current => Embedded.Value;

    /// <inheritdoc cref="Current"/>
    public static PriceTable Load() => Current;

    /// <summary>Reads a table in the project's own format: see the head of <c>prices.csv</c>.</summary>
    public static PriceTable Parse(string csv)
    {
        var rows = csv.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0 && l[0] != '#').Skip(1).Select(PriceCsv.ParseRow).ToList();
        var content = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(csv.ReplaceLineEndings("\n")));
        var day = rows.Max(r => r.SourceDate).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return new PriceTable($"{day}.{Convert.ToHexStringLower(content.AsSpan(0, 4))}", rows);
    }

    /// <summary>Finds the canonical name behind a spelling.</summary>
    /// <param name="modelAsSpelled">
    /// <c>gpt-4o</c>, <c>openai/gpt-4o-2024-08-06</c>, <c>bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0</c>, <c>claude-3-5-sonnet@20240620</c>.
    /// </param>
    /// <returns>Null where the table has no such model: a near name is not the same model.</returns>
    public string? Resolve(string modelAsSpelled)
    {
        foreach (var spelling in ModelSpelling.Candidates(modelAsSpelled))
        {
            if (_canonicalBySpelling.TryGetValue(spelling, out var canonical))
            {
                return canonical;
            }
        }

        return null;
    }

    /// <summary>The row in force on a day, or null where the model had no price then.</summary>
    public PriceRow? Find(string canonical, DateOnly day)
    {
        if (_rowsByModel.TryGetValue(canonical, out var rows))
        {
            foreach (var row in rows)
            {
                if (row.From <= day && (row.To is null || day <= row.To))
                {
                    return row;
                }
            }
        }

        return null;
    }

    private static PriceTable LoadEmbedded()
    {
        using var stream = typeof(PriceTable).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }
}
