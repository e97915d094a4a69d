using Npgsql;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Makes the backend's database on a PostgreSQL server that has none yet.</summary>
internal static class PostgresCreation
{
    /// <summary>The database that every server has.</summary>
    private const string Maintenance = "postgres";

    /// <summary>A server that does not answer is told of soon; the driver would wait for 15 s.</summary>
    private const int AnswerWithinSeconds = 3;

    /// <exception cref="StartupException">There is no such database, and the user may not make it.</exception>
    public static async Task EnsureAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            var soon = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = AnswerWithinSeconds, Pooling = false };
            await using var probe = new NpgsqlConnection(soon.ConnectionString);
            await probe.OpenAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await CreateAsync(new NpgsqlConnectionStringBuilder(connectionString), cancellationToken);
        }
    }

    private static async Task CreateAsync(NpgsqlConnectionStringBuilder wanted, CancellationToken cancellationToken)
    {
        var server = new NpgsqlConnectionStringBuilder(wanted.ConnectionString) { Database = Maintenance, Pooling = false };
        try
        {
            await using var connection = new NpgsqlConnection(server.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync($"CREATE DATABASE \"{wanted.Database!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another node was quicker.
        }
        catch (PostgresException e)
        {
            throw new StartupException(
                ExitCode.Configuration,
                $"Database:ConnectionString names the database '{wanted.Database}', which does not exist and could not be made: {e.MessageText}. Make it, or give '{wanted.Username}' the right to.");
        }
    }
}
