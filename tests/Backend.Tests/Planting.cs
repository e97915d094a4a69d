using Microsoft.Data.Sqlite;
using Throughline.Testing;

namespace Throughline.Backend.Tests;

/// <summary>Changes a running service's database behind its back.</summary>
internal static class Planting
{
    /// <summary>Runs statements in <c>auth.db</c> or <c>backend.db</c>.</summary>
    /// <returns>How many rows they changed.</returns>
    public static async Task<int> PlantAsync(this TestState state, string database, string sql, CancellationToken cancellationToken, params (string Name, object Value)[] values)
    {
        await using var connection = new SqliteConnection($"Data Source={state.PathOf(database)};Pooling=False;Default Timeout=10");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
