using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Retention;

/// <summary>A backend that keeps threads and files for a day, looks each second, and removes two at a time.</summary>
public abstract class RetentionServices : Services
{
    protected Dictionary<string, string> Settings { get; } = new()
    {
        ["Retention__Every"] = "00:00:01",
        ["Retention__Threads"] = "1.00:00:00",
        ["Retention__Files"] = "1.00:00:00",
        ["Retention__Batch"] = "2",
    };

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) => new(Settings);

    /// <summary>What the log consists of: a query of it all.</summary>
    public abstract string AllEvents { get; }

    protected abstract DbConnection Connection();

    /// <summary>Runs a statement in the backend's database, behind its back.</summary>
    public async Task<long> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = Connection();
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken) ?? 0L, System.Globalization.CultureInfo.InvariantCulture);
    }
}

public sealed class RetentionOnSqlite : RetentionServices
{
    public override string AllEvents => "SELECT thread_no FROM events UNION ALL SELECT thread_no FROM recent_events";

    protected override DbConnection Connection() => new SqliteConnection($"Data Source={State.PathOf("backend.db")};Pooling=False");
}

public sealed class RetentionOnPostgres : RetentionServices
{
    private readonly PostgresServer _server = new();
    private string _database = "";

    public override async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _database = await _server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        (Settings["Database__Provider"], Settings["Database__ConnectionString"]) = ("postgres", _database);
        await base.InitializeAsync();
    }

    public override string AllEvents => "SELECT thread_no FROM events";

    protected override DbConnection Connection() => new NpgsqlConnection(_database + ";Pooling=False");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}
