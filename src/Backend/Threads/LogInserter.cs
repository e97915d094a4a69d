using System.Data.Common;
using System.Runtime.InteropServices;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Inserts a transaction's entries the quick way of each database: SQLite through prepared statements of several rows, PostgreSQL as arrays in one round trip.</summary>
internal sealed class LogInserter(DbConnection connection, bool isPostgres) : IAsyncDisposable
{
    private const int RowsAStatement = 8; // SQLite looks for each parameter among all by its name, so more would not help

    private DbCommand? _rows;
    private DbCommand? _row;

    public Task InsertAsync(IReadOnlyList<ThreadAppends> threads)
    {
        var entries = threads.SelectMany(thread => thread.Entries.Select(entry => (thread.ThreadNo, entry.Seq, Event: entry.Event.ToArray()))).ToList();
        return entries.Count == 0 ? Task.CompletedTask : isPostgres ? InsertArraysAsync(entries) : InsertRowsAsync(entries);
    }

    public async ValueTask DisposeAsync()
    {
        if (_rows is not null) await _rows.DisposeAsync();
        if (_row is not null) await _row.DisposeAsync();
    }

    private Task<int> InsertArraysAsync(List<(long ThreadNo, long Seq, byte[] Event)> entries)
    {
        _rows = connection.Command(
            "INSERT INTO events (thread_no, seq, event) SELECT * FROM unnest(@threads::bigint[], @seqs::bigint[], @events::bytea[])",
            ("threads", entries.Select(e => e.ThreadNo).ToArray()), ("seqs", entries.Select(e => e.Seq).ToArray()), ("events", entries.Select(e => e.Event).ToArray()));
        return _rows.ExecuteNonQueryAsync();
    }

    private async Task InsertRowsAsync(List<(long ThreadNo, long Seq, byte[] Event)> entries)
    {
        var next = 0;
        while (entries.Count - next >= RowsAStatement)
        {
            await InsertAsync(_rows ??= Insert(RowsAStatement), CollectionsMarshal.AsSpan(entries).Slice(next, RowsAStatement));
            next += RowsAStatement;
        }

        for (; next < entries.Count; next++) await InsertAsync(_row ??= Insert(1), CollectionsMarshal.AsSpan(entries).Slice(next, 1));
    }

    private static Task<int> InsertAsync(DbCommand insert, ReadOnlySpan<(long ThreadNo, long Seq, byte[] Event)> entries)
    {
        var place = 0;
        foreach (var (threadNo, seq, json) in entries)
        {
            insert.Parameters[place++].Value = threadNo;
            insert.Parameters[place++].Value = seq;
            insert.Parameters[place++].Value = json;
        }

        return insert.ExecuteNonQueryAsync();
    }

    private DbCommand Insert(int rows)
    {
        var insert = connection.Command($"INSERT INTO events (thread_no, seq, event) VALUES {string.Join(", ", Enumerable.Range(0, rows).Select(row => $"(@t{row}, @s{row}, @e{row})"))}");
        for (var row = 0; row < rows; row++)
        {
            insert.Add($"t{row}", 0L);
            insert.Add($"s{row}", 0L);
            insert.Add($"e{row}", Array.Empty<byte>());
        }

        return insert;
    }
}
