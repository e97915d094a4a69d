using System.Data.Common;
using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Inserts a transaction's entries the quick way of each database: SQLite where its newest stand, PostgreSQL as arrays in one round trip.</summary>
internal sealed class LogInserter
{
    private const string All = "INSERT INTO events (thread_no, seq, event) SELECT * FROM unnest(@threads::bigint[], @seqs::bigint[], @events::bytea[])";

    private readonly RecentEvents _recent = new();

    public Task InsertAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads) =>
        connection is SqliteConnection sqlite ? _recent.InsertAsync(sqlite, threads) : InsertAllAsync(connection, threads);

    /// <summary>The transaction did not come about.</summary>
    public void RolledBack() => _recent.BeginAnew();

    private static async Task InsertAllAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        var entries = threads.SelectMany(thread => thread.Entries.Select(entry => (thread.ThreadNo, entry.Seq, Event: entry.Event.ToArray()))).ToList();
        if (entries.Count == 0) return;
        await connection.ExecuteAsync(
            All, CancellationToken.None,
            ("threads", entries.Select(e => e.ThreadNo).ToArray()), ("seqs", entries.Select(e => e.Seq).ToArray()), ("events", entries.Select(e => e.Event).ToArray()));
    }
}
