using System.Globalization;
using DuckDB.NET.Data;

namespace Throughline.Analysis.Import.Parquet;

/// <summary>Opens an in-memory DuckDB that can touch one folder and nothing else.</summary>
internal static class AnalyticsEngine
{
    /// <param name="folder">The only folder it may read and write; also where it spills.</param>
    /// <param name="alsoReadable">Single files outside that folder, such as an upload.</param>
    public static DuckDBConnection Open(string folder, int memoryMb, params string[] alsoReadable)
    {
        var connection = new DuckDBConnection(DuckDBConnectionStringBuilder.InMemoryConnectionString);
        connection.Open();
        var paths = string.Join(", ", alsoReadable.Select(Quote));
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
            SET memory_limit = '{memoryMb}MB';
            SET threads = {Math.Clamp(Environment.ProcessorCount, 1, 4)};
            SET temp_directory = {Quote(Path.Combine(folder, ".spill"))};
            SET max_temp_directory_size = '8GB';
            SET allowed_directories = [{Quote(folder)}];
            SET allowed_paths = [{paths}];
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            SET allow_community_extensions = false;
            SET enable_external_access = false;
            SET TimeZone = 'UTC';
            SET lock_configuration = true;
            """));
        return connection;
    }

    public static long Execute(this DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    public static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
