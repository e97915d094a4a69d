using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using SQLitePCL;
using Throughline.Backend.Breakers;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Connections to the backend's database, SQLite or PostgreSQL, in one dialect of SQL.</summary>
internal sealed class BackendDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource? _postgres;
    private readonly string? _connectionString;
    private readonly string _sqlite;
    private readonly string _pragmas;
    private readonly ConditionalWeakTable<sqlite3, string> _configured = []; // a connection comes back from the pool with its PRAGMAs
    private readonly ResiliencePipeline _breaker;

    // SQLite has one writer at a time. Queueing here, in order, beats its busy handler, which polls.
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly WriteAheadLog _log;

    public BackendDatabase(IOptions<DatabaseOptions> options, StateFolder state, DependencyBreakers breakers, ILogger<BackendDatabase> logger)
    {
        _breaker = breakers.Database;
        var path = state.PathOf("backend.db");
        _sqlite = new SqliteConnectionStringBuilder { DataSource = path, Cache = SqliteCacheMode.Private }.ToString();
        // What is deleted is overwritten, or a deleted account could be read out of the file's free pages. A transaction of many threads touches a page of each: they
        // fit into the cache (KiB).
        _pragmas = $"PRAGMA busy_timeout=5000; PRAGMA secure_delete=ON; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint={WriteAheadLog.TooMany}; PRAGMA synchronous={options.Value.Synchronous.ToUpperInvariant()};";
        FilePath = options.Value.IsPostgres ? null : path;
        Place = path;
        _log = new WriteAheadLog(path, () => OpenAsync(CancellationToken.None), _writer, logger);
        if (!options.Value.IsPostgres) return;
        _connectionString = options.Value.ConnectionString!;
        var parts = new NpgsqlConnectionStringBuilder(_connectionString);
        Place = $"{parts.Host}:{parts.Port}/{parts.Database}";
        _postgres = NpgsqlDataSource.Create(_connectionString);
    }

    public bool IsPostgres => _postgres is not null;

    /// <summary>SQL for the database's own time, in milliseconds since 1970: the one clock that all nodes share.</summary>
    public string Now => IsPostgres ? "(extract(epoch from clock_timestamp()) * 1000)::bigint" : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    /// <summary>Makes the database where there is none. SQLite's file then keeps its write-ahead log for good, so that readers and the writer do not wait for each other.</summary>
    public Task EnsureCreatedAsync(CancellationToken cancellationToken) =>
        _connectionString is null
            ? ReadAsync(connection => connection.ScalarAsync<string>("PRAGMA journal_mode=WAL", cancellationToken), cancellationToken)
            : PostgresCreation.EnsureAsync(_connectionString, cancellationToken);

    /// <summary>Where it is, for people: the file, or host, port and database.</summary>
    public string Place { get; }

    /// <summary>The database file, where there is one.</summary>
    public string? FilePath { get; }

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null) return await _postgres.OpenConnectionAsync(cancellationToken);
        var connection = new SqliteConnection(_sqlite);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (!_configured.TryGetValue(connection.Handle!, out _))
            {
                await connection.ExecuteAsync(_pragmas, cancellationToken);
                _configured.AddOrUpdate(connection.Handle!, _pragmas);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in one write transaction, which on SQLite begins IMMEDIATE: a read that
    /// turns into a write would fail with SQLITE_BUSY whatever the timeout.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => WriteOnceAsync(work, cancellationToken), cancellationToken);

    private async Task<T> WriteOnceAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        if (!IsPostgres) await _writer.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await work(connection);
            await transaction.CommitAsync(cancellationToken);
            if (connection is SqliteConnection sqlite) _log.Committed(sqlite);
            return result;
        }
        finally
        {
            if (!IsPostgres) _writer.Release();
        }
    }

    public Task WriteAsync(Func<DbConnection, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(async connection =>
        {
            await work(connection);
            return true;
        }, cancellationToken);

    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await work(connection);
    }, cancellationToken);

    /// <summary>Spares a database that does not answer further calls, and their callers the wait.</summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _breaker.ExecuteAsync(async _ => await call(), cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            throw new DatabaseAwayException(e);
        }
    }

    /// <summary>Empties SQLite's write-ahead log, which shows what was deleted until it is. PostgreSQL's is its operator's to keep and to drop.</summary>
    /// <returns>False where somebody still reads an older state.</returns>
    public Task<bool> TruncateLogAsync(CancellationToken cancellationToken) => IsPostgres ? Task.FromResult(true) : _log.TruncateAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
        else SqliteConnection.ClearAllPools();
        await _log.DisposeAsync();
        _writer.Dispose();
    }
}
