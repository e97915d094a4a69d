using Npgsql;

namespace Throughline.Auth.Database;

/// <summary>Whether PostgreSQL answers at all, found out soon; the driver would wait for 15 s, and EF Core try again.</summary>
internal static class PostgresReach
{
    private const int AnswerWithinSeconds = 3;

    public static async Task CheckAsync(string connectionString, CancellationToken cancellationToken)
    {
        var soon = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = AnswerWithinSeconds, Pooling = false };
        try
        {
            await using var probe = new NpgsqlConnection(soon.ConnectionString);
            await probe.OpenAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // The migration makes the database, or says which right it lacks.
        }
    }

    /// <summary>Host, port and database, for people.</summary>
    public static string PlaceOf(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{parts.Host}:{parts.Port}/{parts.Database}";
    }
}
