using System.Text;
using DuckDB.NET.Data;
using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Parquet;
using Throughline.Analysis.Import.Rows;
using Throughline.Analysis.Import.Sources;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>A Parquet table: its values are read as text and understood as those of a CSV file are.</summary>
internal sealed class ParquetShape : IShape
{
    private const string NestedTypes = "STRUCT MAP LIST ARRAY UNION JSON";
    private readonly string _path;
    private readonly string _folder;
    private readonly ImportLimits _limits;
    private readonly List<(string Name, bool IsNested)> _columns = [];

    private ParquetShape(string path, string folder, ImportLimits limits) => (_path, _folder, _limits) = (path, folder, limits);

    public IReadOnlyCollection<string> Names => [.. _columns.Select(c => c.Name)];

    public static ParquetShape Detect(string path, string folder, ImportLimits limits)
    {
        var shape = new ParquetShape(Path.GetFullPath(path), folder, limits);
        shape.Query($"DESCRIBE SELECT * FROM {shape.Source}", reader =>
            shape._columns.Add((reader.GetString(0), NestedTypes.Split(' ').Any(t => reader.GetString(1).Contains(t, StringComparison.Ordinal)) || reader.GetString(1).EndsWith(']'))));
        return shape;
    }

    public void Read(Stream text, SourceColumns columns, RowSink sink)
    {
        var used = _columns.Select(c => (c.Name, c.IsNested, Meaning: columns.MeaningOf(c.Name))).Where(c => c.Meaning is not null).ToArray();
        var list = string.Join(", ", used.Select(c => c.IsNested ? $"to_json({Identifier(c.Name)})::VARCHAR" : $"{Identifier(c.Name)}::VARCHAR"));
        var raw = new RawRecord();
        var number = 0L;
        Query($"SELECT {list} FROM {Source}", reader =>
        {
            raw.Clear();
            raw.Line = ++number;
            for (var i = 0; i < used.Length; i++)
            {
                if (!reader.IsDBNull(i))
                {
                    raw.Set(used[i].Meaning!.Value.Field, used[i].Meaning!.Value.Rank, used[i].Name, Encoding.UTF8.GetBytes(reader.GetString(i)));
                }
            }

            LiteLlmUsage.Expand(raw);
            sink.Accept(raw);
        });
    }

    private string Source => $"read_parquet({AnalyticsEngine.Quote(_path)})";

    private static string Identifier(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private void Query(string sql, Action<DuckDBDataReader> row)
    {
        try
        {
            using var engine = AnalyticsEngine.Open(_folder, _limits.EngineMemoryMb, _path);
            using var command = engine.CreateCommand();
            command.UseStreamingMode = true;
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                row(reader);
            }
        }
        catch (DuckDBException error)
        {
            throw new ImportRefusedException("damaged_file", $"Its Parquet data cannot be read: {error.Message.Split('\n')[0]}");
        }
    }
}
