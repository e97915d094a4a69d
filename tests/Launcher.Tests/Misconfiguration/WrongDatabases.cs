using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Misconfiguration;

/// <summary>Databases that are away, closed to us, or not what they were.</summary>
public sealed class WrongDatabases(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_server_that_is_away_is_named(string service) => await PostgresAsync(
        service, $"Host=127.0.0.1;Port={Machine.FreePort()};Database=spend;Username=me;Password=hush", 6, "does not answer", "/spend", "start it, or mend Database:ConnectionString");

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_server_that_says_nothing_is_not_waited_for(string service)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await PostgresAsync(service, $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Database=spend;Username=me;Password=hush", 6, "does not answer", "start it, or mend Database:ConnectionString");
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_not_repeated() => await PostgresAsync("backend", "hush", 2, "Database:ConnectionString is no connection string");

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_wrong_password_is_told_from_a_missing_server(string service)
    {
        var user = await RoleAsync("LOGIN CREATEDB PASSWORD 'right'");
        await server.DistrustAsync(user, Stop);
        await PostgresAsync(service, $"{At(user)};Database=spend_{user};Password=hush", 2, "refuses the user or its password", "mend Username and Password in Database:ConnectionString");
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_missing_right_is_named(string service)
    {
        var user = await RoleAsync("LOGIN"); // and so may make neither databases nor, in one that is there, tables
        var database = (await server.CreateDatabaseAsync(Stop)).Split("Database=")[1].Split(';')[0];
        await PostgresAsync(service, $"{At(user)};Database={database}", 2, "lacks a right", "grant it");
        await PostgresAsync(service, $"{At(user)};Database=none_{user}", 2, $"none_{user}");
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_standby_server_is_told(string service)
    {
        var user = await RoleAsync("LOGIN CREATEDB");
        await SqlAsync($"ALTER ROLE {user} SET default_transaction_read_only = on");
        var database = (await server.CreateDatabaseAsync(Stop)).Split("Database=")[1].Split(';')[0];
        await PostgresAsync(service, $"{At(user)};Database={database}", 2, "takes no writes now", "name the primary server");
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_damaged_file_is_named(string service)
    {
        using var state = new TestState().WithSecrets();
        await File.WriteAllBytesAsync(state.PathOf($"{service}.db"), [.. Enumerable.Repeat((byte)'x', 8192)], Stop);
        await new Mistake("database damaged", service, 2, $"{{state}}/{service}.db is damaged, or is no database: restore it").ExplainedAsync(state, Stop);
    }

    [Theory]
    [InlineData("auth", "INSERT INTO \"__EFMigrationsHistory\" VALUES ('29991231000000_Later', '99.0.0')", "29991231000000_Later")]
    [InlineData("backend", "UPDATE schema_version SET version = 99", "schema version 99")]
    public async Task A_file_of_a_newer_program_is_left_to_it(string service, string sql, string says)
    {
        using var state = new TestState().WithSecrets();
        await MadeByAsync(service, state);
        await using (var database = new SqliteConnection($"Data Source={state.PathOf($"{service}.db")};Pooling=False"))
        {
            await database.OpenAsync(Stop);
            await using var command = database.CreateCommand();
#pragma warning disable CA2100 // One of the two above.
            command.CommandText = sql;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(Stop);
        }

        await new Mistake("database newer", service, 2, says, "start ").ExplainedAsync(state, Stop);
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("backend")]
    public async Task A_file_that_cannot_be_written_is_named(string service)
    {
        using var state = new TestState().WithSecrets();
        await MadeByAsync(service, state);
        // https://www.sqlite.org/fileformat2.html#file_format_version_numbers: a write version that it does not know makes SQLite read
        // only. Modes would not: a test may run as root.
        await using (var file = File.OpenWrite(state.PathOf($"{service}.db")))
        {
            file.Position = 18;
            file.WriteByte(9);
        }

        await new Mistake("database read-only", service, 2, $"{{state}}/{service}.db is read-only: let the user who runs this service write it").ExplainedAsync(state, Stop);
    }

    /// <summary>Lets the service make its database.</summary>
    private static async Task MadeByAsync(string service, TestState state) => await (await ServiceProcess.StartAsync(service, state, null, Stop)).DisposeAsync();

    private static async Task PostgresAsync(string service, string connectionString, int exitCode, params string[] says)
    {
        using var state = new TestState().WithSecrets();
        var mistake = new Mistake("PostgreSQL", service, exitCode, says)
        {
            Environment = new Dictionary<string, string> { ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = connectionString },
            Secret = "hush",
        };
        await mistake.ExplainedAsync(state, Stop);
    }

    private string At(string user) => server.Address.Replace("Username=throughline", $"Username={user}", StringComparison.Ordinal);

    private async Task<string> RoleAsync(string attributes)
    {
        var name = $"r{Guid.NewGuid():N}";
        await SqlAsync($"CREATE ROLE {name} {attributes}");
        return name;
    }

    private Task SqlAsync(string sql) => server.ExecuteAsync(sql, Stop);
}
