using System.Data.Common;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Inserts a transaction's entries the quick way of each database: SQLite through one prepared statement,
/// PostgreSQL as arrays in one round trip.</summary>
internal sealed class LogInserter(DbConnection connection, bool isPostgres) : IAsyncDisposable
{
    private readonly List<long> _threads = [];
    private readonly List<LogEntry> _entries = [];
    private DbCommand? _insert;

    public void Add(long threadNo, IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries)
        {
            _threads.Add(threadNo);
            _entries.Add(entry);
        }
    }

    public Task FlushAsync() => _entries.Count == 0 ? Task.CompletedTask : isPostgres ? InsertArraysAsync() : InsertEachAsync();

    public ValueTask DisposeAsync() => _insert?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task<int> InsertArraysAsync()
    {
        _insert = connection.Command(
            "INSERT INTO events (thread_no, seq, event) SELECT * FROM unnest(@threads::bigint[], @seqs::bigint[], @events::bytea[])",
            ("threads", _threads.ToArray()), ("seqs", _entries.Select(e => e.Seq).ToArray()), ("events", _entries.Select(e => e.Event.ToArray()).ToArray()));
        return _insert.ExecuteNonQueryAsync();
    }

    private async Task InsertEachAsync()
    {
        _insert = connection.Command("INSERT INTO events (thread_no, seq, event) VALUES (@thread, @seq, @event)");
        var (thread, seq, json) = (_insert.Add("thread", 0L), _insert.Add("seq", 0L), _insert.Add("event", Array.Empty<byte>()));
        for (var i = 0; i < _entries.Count; i++)
        {
            (thread.Value, seq.Value, json.Value) = (_threads[i], _entries[i].Seq, _entries[i].Event.ToArray());
            await _insert.ExecuteNonQueryAsync();
        }
    }
}
