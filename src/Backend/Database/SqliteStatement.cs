using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Throughline.Backend.Database;

/// <summary>
/// A prepared statement by SQLite's own interface (https://www.sqlite.org/c3ref/stmt.html), for what runs or returns thousands of rows at a time: places are numbered, from 1, instead of
/// looked for by name, and bytes are bound where they lie.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException">It is no SQL for this database.</exception>
    public SqliteStatement(SqliteConnection connection, string text)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    public void Bind(int place, long value) => Check(raw.sqlite3_bind_int64(_statement, place, value));

    public void Bind(int place, string value) => Check(raw.sqlite3_bind_text(_statement, place, value));

    public void Bind(int place, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, place, value));

    /// <summary>Runs it with what is bound, and makes it ready for the next time.</summary>
    /// <returns>The first row's first column; null where there is no row.</returns>
    /// <exception cref="SqliteException">It failed.</exception>
    public long? Run()
    {
        try
        {
            var outcome = raw.sqlite3_step(_statement);
            if (outcome == raw.SQLITE_ROW) return raw.sqlite3_column_int64(_statement, 0);
            if (outcome != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(outcome, _database);
            return null;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement); // it tells the same once more
        }
    }

    /// <summary>Goes to the next row of what is bound, at first to the first.</summary>
    /// <returns>False behind the last.</returns>
    /// <exception cref="SqliteException">It failed.</exception>
    public bool Read()
    {
        var outcome = raw.sqlite3_step(_statement);
        if (outcome is not (raw.SQLITE_ROW or raw.SQLITE_DONE)) Check(outcome);
        return outcome == raw.SQLITE_ROW;
    }

    /// <param name="column">From 0.</param>
    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private void Check(int outcome) => SqliteException.ThrowExceptionForRC(outcome, _database);
}
