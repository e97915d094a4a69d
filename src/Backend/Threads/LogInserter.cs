using System.Data.Common;
using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Inserts a transaction's entries the quick way of each database: SQLite through one prepared statement, PostgreSQL as arrays in one round trip.</summary>
internal static class LogInserter
{
    private const string Each = "INSERT INTO events (thread_no, seq, event) VALUES (?1, ?2, ?3)";

    private const string All = "INSERT INTO events (thread_no, seq, event) SELECT * FROM unnest(@threads::bigint[], @seqs::bigint[], @events::bytea[])";

    public static Task InsertAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        if (connection is not SqliteConnection sqlite) return InsertAllAsync(connection, threads);
        InsertEach(sqlite, threads);
        return Task.CompletedTask;
    }

    private static void InsertEach(SqliteConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        using var insert = new SqliteStatement(connection, Each);
        foreach (var thread in threads)
        {
            insert.Bind(1, thread.ThreadNo);
            foreach (var entry in thread.Entries)
            {
                insert.Bind(2, entry.Seq);
                insert.Bind(3, entry.Event.Span);
                insert.Run();
            }
        }
    }

    private static async Task InsertAllAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        var entries = threads.SelectMany(thread => thread.Entries.Select(entry => (thread.ThreadNo, entry.Seq, Event: entry.Event.ToArray()))).ToList();
        if (entries.Count == 0) return;
        await connection.ExecuteAsync(
            All, CancellationToken.None,
            ("threads", entries.Select(e => e.ThreadNo).ToArray()), ("seqs", entries.Select(e => e.Seq).ToArray()), ("events", entries.Select(e => e.Event).ToArray()));
    }
}
