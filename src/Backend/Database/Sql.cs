using System.Data.Common;

namespace Throughline.Backend.Database;

/// <summary>Commands without ceremony: SQL text that both databases read, and <c>@named</c> values.</summary>
internal static class Sql
{
    public static DbCommand Command(this DbConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller's text is a constant; values travel as parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in values) command.Add(name, value);
        return command;
    }

    public static DbParameter Add(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = Stored(value);
        command.Parameters.Add(parameter);
        return parameter;
    }

    /// <summary>PostgreSQL's text cannot hold U+0000, which a question may; what must be kept to the byte is kept as bytes.</summary>
    public static string Stored(string text) => text.Replace('\0', '\uFFFD');

    private static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToString(),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        string text => Stored(text),
        _ => value,
    };

    public static Task<int> ExecuteAsync(this DbConnection connection, string text, CancellationToken cancellationToken, params ReadOnlySpan<(string, object?)> values) =>
        RunAsync(connection.Command(text, values), cancellationToken);

    public static Task<T?> ScalarAsync<T>(this DbConnection connection, string text, CancellationToken cancellationToken, params ReadOnlySpan<(string, object?)> values) =>
        ReadScalarAsync<T>(connection.Command(text, values), cancellationToken);

    public static Task<List<T>> ListAsync<T>(
        this DbConnection connection, string text, Func<DbDataReader, T> read, CancellationToken cancellationToken, params ReadOnlySpan<(string, object?)> values) =>
        ReadListAsync(connection.Command(text, values), read, cancellationToken);

    public static DateTimeOffset Time(this DbDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static long? Int64OrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static byte[] Bytes(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static async Task<int> RunAsync(DbCommand command, CancellationToken cancellationToken)
    {
        await using (command) return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<T?> ReadScalarAsync<T>(DbCommand command, CancellationToken cancellationToken)
    {
        await using (command) return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    private static async Task<List<T>> ReadListAsync<T>(DbCommand command, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var list = new List<T>();
            while (await rows.ReadAsync(cancellationToken)) list.Add(read(rows));
            return list;
        }
    }
}
