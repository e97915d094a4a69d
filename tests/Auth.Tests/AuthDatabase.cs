using Microsoft.Data.Sqlite;

namespace Throughline.Auth.Tests;

/// <summary>Looks into auth's SQLite file for what no route tells, and does there what no route does yet.</summary>
internal static class AuthDatabase
{
    /// <returns>The first column of each row.</returns>
    public static async Task<List<string>> ReadAsync(AuthProcess process, string sql, params object[] values)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var connection = await OpenAsync(process, SqliteOpenMode.ReadOnly);
        await using var command = CommandOf(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var rows = new List<string>();
        while (await reader.ReadAsync(stop)) rows.Add(reader.GetValue(0).ToString()!);
        return rows;
    }

    public static async Task WriteAsync(AuthProcess process, string sql, params object[] values)
    {
        await using var connection = await OpenAsync(process, SqliteOpenMode.ReadWrite);
        await using var command = CommandOf(connection, sql, values);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps everybody else from writing until it is let go.</summary>
    public static async Task<IAsyncDisposable> HoldAsync(AuthProcess process)
    {
        var connection = await OpenAsync(process, SqliteOpenMode.ReadWrite);
        await using var command = CommandOf(connection, "BEGIN IMMEDIATE", []);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private static async Task<SqliteConnection> OpenAsync(AuthProcess process, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(process.State, "auth.db"), Mode = mode, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private static SqliteCommand CommandOf(SqliteConnection connection, string sql, object[] values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statement is the test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i]);
        return command;
    }
}
