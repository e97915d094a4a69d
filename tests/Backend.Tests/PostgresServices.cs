using Npgsql;
using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>The same services, with the backend's data in PostgreSQL.</summary>
public sealed class PostgresServices : Services
{
    private readonly PostgresServer _server = new();
    private string? _database;

    public override async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _database = await _server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = _database! });

    /// <summary>Cuts every connection to the backend's database and lets none in again.</summary>
    public Task CloseDatabaseAsync(CancellationToken cancellationToken) => AdministerAsync(
        $"ALTER DATABASE \"{NameOf(_database!)}\" ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{NameOf(_database!)}'", cancellationToken);

    public Task OpenDatabaseAsync(CancellationToken cancellationToken) =>
        AdministerAsync($"ALTER DATABASE \"{NameOf(_database!)}\" ALLOW_CONNECTIONS true", cancellationToken);

    /// <summary>Runs a statement in the backend's database, behind its back.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) => ExecuteAsync(_database!, sql, cancellationToken);

    private Task AdministerAsync(string sql, CancellationToken cancellationToken) => ExecuteAsync(_server.Address + ";Database=postgres", sql, cancellationToken);

    private static async Task ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        // Statement by statement: ALTER DATABASE takes no company in a transaction.
        foreach (var statement in sql.Split(';'))
        {
#pragma warning disable CA2100 // The tests' own constants.
            await using var command = source.CreateCommand(statement);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static string NameOf(string database) => new NpgsqlConnectionStringBuilder(database).Database!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}
