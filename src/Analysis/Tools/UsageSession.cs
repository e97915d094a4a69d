using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Throughline.Analysis.Import;

namespace Throughline.Analysis.Tools;

/// <summary>The analysis ran out of the memory and disk that it may use.</summary>
public sealed class AnalysisMemoryException : Exception
{
    public AnalysisMemoryException() { }

    public AnalysisMemoryException(string message) : base(message) { }

    public AnalysisMemoryException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>A locked-down DuckDB over the files of one run: it reads those files and nothing else.</summary>
/// <remarks>
/// No text from a user or a model becomes SQL; names and values travel as parameters. Opened once per run; tools use it one
/// after the other. Cancelling interrupts the query that runs.
/// </remarks>
public sealed class UsageSession : IAsyncDisposable
{
    /// <summary>What one thread reads at a time, a row group of 122,880 rows, is about as large; a further thread would only cost its own buffers.</summary>
    private const long BytesPerThread = 2 * 1024 * 1024;

    private readonly DuckDBConnection _connection;
    private readonly string _spill;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<object, Task> _memo = [];

    private UsageSession(DuckDBConnection connection, IReadOnlyList<UsageDataset> files, string spill)
    {
        (_connection, Files, _spill) = (connection, files, spill);
    }

    public IReadOnlyList<UsageDataset> Files { get; }

    /// <summary>Rows that could be priced, and how: set by <see cref="Pricing"/>.</summary>
    internal Pricing? Attached { get; set; }

    public static Task<UsageSession> OpenAsync(IReadOnlyList<UsageDataset> files, AnalysisOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => Open(files, options), cancellationToken);

    private static UsageSession Open(IReadOnlyList<UsageDataset> files, AnalysisOptions options)
    {
        foreach (var file in files)
        {
            if (!File.Exists(file.ParquetPath)) throw MissingRows.At(file.ParquetPath);
        }

        var threads = Math.Min(options.Threads, 1 + (files.Sum(file => new FileInfo(file.ParquetPath).Length) / BytesPerThread));
        var spill = Path.Combine(Path.GetTempPath(), "throughline-analysis-" + Guid.NewGuid().ToString("N"));
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
            var paths = string.Join(", ", files.Select(file => Quote(Path.GetFullPath(file.ParquetPath))));
            var invariant = CultureInfo.InvariantCulture;
            // Order matters: once the configuration is locked, nothing below can be taken back by a query.
            foreach (var setting in (string[])
            [
                string.Create(invariant, $"SET memory_limit = '{options.MemoryMb}MB'"),
                string.Create(invariant, $"SET threads = {threads}"),
                $"SET temp_directory = {Quote(spill)}",
                string.Create(invariant, $"SET max_temp_directory_size = '{options.SpillMb}MB'"),
                "SET preserve_insertion_order = false",
                "SET autoinstall_known_extensions = false",
                "SET autoload_known_extensions = false",
                "SET allow_community_extensions = false",
                $"SET allowed_paths = [{paths}]",
                "SET enable_external_access = false",
                "SET lock_configuration = true",
            ])
            {
                using var command = connection.CreateCommand();
                command.CommandText = setting;
                command.ExecuteNonQuery();
            }

            return new UsageSession(connection, files, spill);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The first rows that match, in file order, as the importer read them: column → value.</summary>
    public Task<List<IReadOnlyDictionary<string, string>>> FirstRowsAsync(RowFilter filter, int count, CancellationToken cancellationToken) =>
        UsageQueries.FirstRowsAsync(this, filter, count, cancellationToken);

    internal string Source => $"read_parquet([{string.Join(", ", Files.Select(file => Quote(Path.GetFullPath(file.ParquetPath))))}])";

    internal Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params IEnumerable<DuckDBParameter> parameters) =>
        RunAsync(sql, parameters, static command => command.ExecuteNonQuery(), cancellationToken);

    internal Task<List<T>> QueryAsync<T>(
        string sql, Func<DuckDBDataReader, T> map, CancellationToken cancellationToken, params IEnumerable<DuckDBParameter> parameters) =>
        RunAsync(sql, parameters, command =>
        {
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) rows.Add(map((DuckDBDataReader)reader));
            return rows;
        }, cancellationToken);

    /// <summary>Several tools of one run need the same totals; they are computed once.</summary>
    internal async Task<T> OnceAsync<T>(object key, Func<Task<T>> compute)
    {
        if (_memo.TryGetValue(key, out var known) && known is Task<T> { IsCompletedSuccessfully: true } done) return await done;
        var task = compute();
        _memo[key] = task;
        return await task;
    }

    /// <summary>Lets shared totals go, so that what comes next is computed from the priced rows again.</summary>
    public void Forget()
    {
        foreach (var key in _memo.Keys.Where(key => key is not ITuple { Length: 2 } pair || !Equals(pair[0], Pricing.Memo)).ToArray()) _memo.Remove(key);
    }

    private async Task<T> RunAsync<T>(
        string sql, IEnumerable<DuckDBParameter> parameters, Func<DuckDBCommand, T> execute, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() =>
            {
                using var command = _connection.CreateCommand();
                command.CommandText = sql;
                foreach (var parameter in parameters) command.Parameters.Add(parameter);
                using var interrupt = new QueryInterrupt(command, cancellationToken);
                try
                {
                    return execute(command);
                }
                catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancellationToken);
                }
                catch (DuckDBException error) when (error.ErrorType == DuckDBErrorType.OutOfMemory)
                {
                    throw new AnalysisMemoryException("The analysis ran out of the memory that it may use.", error);
                }
            }, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static string Quote(string path) => "'" + path.Replace("'", "''", StringComparison.Ordinal) + "'";

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _connection.Dispose();
        _turn.Dispose();
        if (Directory.Exists(_spill)) Directory.Delete(_spill, recursive: true);
    }
}
