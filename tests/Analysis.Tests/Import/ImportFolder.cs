using System.IO.Compression;
using System.Text;
using DuckDB.NET.Data;
using Throughline.Analysis.Import;

namespace Throughline.Analysis.Tests.Import;

/// <summary>A folder of its own for one test: files go in, outcomes and Parquet rows come out.</summary>
public sealed class ImportFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("throughline-import-").FullName;

    public string Parquet => Path.Combine(Root, "out.parquet");

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return buffer.ToArray();
    }

    public Task<ImportOutcome> ImportAsync(string name, string text, ImportLimits? limits = null) =>
        ImportAsync(name, Encoding.UTF8.GetBytes(text), limits);

    public Task<ImportOutcome> ImportAsync(string name, byte[] bytes, ImportLimits? limits = null) =>
        new UsageImporter(limits).ImportAsync(Write(name, bytes), name, Parquet, null, TestContext.Current.CancellationToken);

    public async Task<Imported> ReadAsync(string name, string text, ImportLimits? limits = null) =>
        Assert.IsType<Imported>(await ImportAsync(name, text, limits));

    /// <summary>Rows of the result as invariant text: one string a row, values joined by a bar.</summary>
    public List<string> Rows(string columns) => Query($"SELECT concat_ws('|', {string.Join(", ", columns.Split(", ").Select(c => $"coalesce(\"{c}\"::VARCHAR, '-')"))}) FROM t ORDER BY row_number");

    public List<string> Query(string sql)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"WITH t AS (FROM '{Parquet}') {sql}";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
