using System.Data.Common;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Reads threads' logs.</summary>
internal sealed class ThreadLog(BackendDatabase database)
{
    /// <summary>Bytes after which a page ends, so that a slow reader holds little.</summary>
    private const int PageBytes = 256 * 1024;

    private const string Page =
        "SELECT e.seq, e.event FROM events e JOIN threads t ON t.thread_no = e.thread_no "
        + "WHERE t.user_id=@u AND t.thread_id=@t AND e.seq > @after ORDER BY e.seq LIMIT @limit";

    /// <returns>The last seq; null where there is no such thread.</returns>
    public Task<long?> HeadAsync(ThreadKey key, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ScalarAsync<long?>(
            "SELECT head FROM threads WHERE user_id=@u AND thread_id=@t", cancellationToken, ("u", key.UserId), ("t", key.ThreadId)), cancellationToken);

    /// <summary>Entries after <paramref name="after"/>, in order: at least one if there is one, at most <paramref name="limit"/>.</summary>
    public Task<List<LogEntry>> ReadAsync(ThreadKey key, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ReadAsync(connection, key, after, limit, cancellationToken), cancellationToken);

    /// <summary>All entries after <paramref name="after"/> that are durable now, page by page.</summary>
    public async IAsyncEnumerable<LogEntry> ReadAllAsync(
        ThreadKey key, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(key, after, 1000, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var entry in page) yield return entry;
            after = page[^1].Seq;
        }
    }

    private static async Task<List<LogEntry>> ReadAsync(DbConnection connection, ThreadKey key, long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(Page, ("u", key.UserId), ("t", key.ThreadId), ("after", after), ("limit", limit));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var (entries, head) = (new List<LogEntry>(), new FrameHead(key.ThreadId));
        var bytes = 0;
        while (bytes < PageBytes && await rows.ReadAsync(cancellationToken))
        {
            var json = rows.Bytes(1);
            bytes += json.Length;
            entries.Add(LogEntry.Create(head, rows.GetInt64(0), json));
        }

        return entries;
    }
}
