using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Throughline.Backend.Threads;

/// <summary>Inserts a transaction's entries the quick way of each database: SQLite where its newest stand, PostgreSQL as a copy.</summary>
internal sealed class LogInserter
{
    private const string Copy = "COPY events (thread_no, seq, event) FROM STDIN (FORMAT binary)";

    private readonly RecentEvents _recent = new();

    public Task InsertAsync(DbConnection connection, IReadOnlyList<ThreadAppends> threads) =>
        connection is SqliteConnection sqlite ? _recent.InsertAsync(sqlite, threads) : CopyAsync((NpgsqlConnection)connection, threads);

    /// <summary>The transaction did not come about.</summary>
    public void RolledBack() => _recent.BeginAnew();

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        if (threads.All(thread => thread.Entries.Count == 0)) return;
        await using var rows = await connection.BeginBinaryImportAsync(Copy);
        foreach (var thread in threads)
            foreach (var entry in thread.Entries)
            {
                await rows.StartRowAsync();
                await rows.WriteAsync(thread.ThreadNo, NpgsqlDbType.Bigint);
                await rows.WriteAsync(entry.Seq, NpgsqlDbType.Bigint);
                await rows.WriteAsync(entry.Event, NpgsqlDbType.Bytea);
            }

        await rows.CompleteAsync();
    }
}
