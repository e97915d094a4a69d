using System.Globalization;
using DuckDB.NET.Data;
using Throughline.Analysis.Import;
using Throughline.Analysis.Tools;

namespace Throughline.Analysis.Tests.Tools;

/// <summary>One request, as the oracle and the Parquet file both see it.</summary>
internal sealed record UsageRow(DateTime? At, string? Model, long Input, long Output)
{
    public long CacheRead { get; init; }
    public long CacheWrite5m { get; init; }
    public long CacheWrite1h { get; init; }
    public string? User { get; init; }
    public string? Feature { get; init; }
    public string? Team { get; init; }
    public bool Batch { get; init; }
    public double? LatencyMs { get; init; }
    public string? Status { get; init; }
    public string? PromptHash { get; init; }
    public string? PrefixHash { get; init; }
    public long? PrefixTokens { get; init; }
}

/// <summary>A Parquet file in a folder of its own, removed with it.</summary>
internal sealed class UsageRows : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("throughline-rows-").FullName;

    public UsageRows(IEnumerable<UsageRow> rows)
    {
        var path = Path.Combine(_folder, "rows.parquet");
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Execute(connection, $"CREATE TABLE usage ({UsageSchema.Columns}\n)");
        using (var appender = connection.CreateAppender("usage"))
        {
            long number = 0;
            foreach (var row in rows)
            {
                number++;
                appender.CreateRow()
                    .AppendValue(number).AppendValue(number + 1).AppendValue(row.At).AppendValue(row.Model).AppendValue((string?)null)
                    .AppendValue(row.User).AppendValue(row.Feature).AppendValue(row.Team).AppendValue((string?)null).AppendValue((string?)null)
                    .AppendValue(1L).AppendValue(row.Input).AppendValue(row.CacheRead).AppendValue(row.CacheWrite5m).AppendValue(row.CacheWrite1h)
                    .AppendValue(row.Output).AppendValue(0L).AppendValue(row.Batch).AppendValue((string?)null).AppendValue(row.LatencyMs)
                    .AppendValue((double?)null).AppendValue(row.Status).AppendValue((decimal?)null).AppendValue(row.PromptHash)
                    .AppendValue(row.PrefixHash).AppendValue(row.PrefixTokens).EndRow();
            }
        }

        Execute(connection, $"COPY usage TO '{path}' (FORMAT parquet)");
        Dataset = new UsageDataset(Guid.Parse("0198a000-0000-7000-8000-000000000001"), "usage.csv", new string('a', 64), path);
    }

    public UsageDataset Dataset { get; }

    /// <summary>The Azure code trace, where this machine has it.</summary>
    public static IReadOnlyList<UsageRow>? AzureTrace()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "azure-llm-inference-2023-code.csv");
            if (!File.Exists(path)) continue;
            return [.. File.ReadLines(path).Skip(1).Select(line => line.Split(',')).Where(cells => cells.Length == 3).Select(cells => new UsageRow(
                DateTime.Parse(cells[0], CultureInfo.InvariantCulture), null,
                long.Parse(cells[1], CultureInfo.InvariantCulture), long.Parse(cells[2], CultureInfo.InvariantCulture)))];
        }

        return null;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
