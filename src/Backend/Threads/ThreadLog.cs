using System.Data.Common;
using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>Reads threads' logs.</summary>
internal sealed partial class ThreadLog(BackendDatabase database, ILogger<ThreadLog> logger)
{
    /// <summary>Bytes after which a page ends, so that a slow reader holds little.</summary>
    private const int PageBytes = 256 * 1024;

    private const string Page =
        "SELECT e.seq, e.event FROM events e JOIN threads t ON t.thread_no = e.thread_no "
        + "WHERE t.user_id=@u AND t.thread_id=@t AND e.seq > @after ORDER BY e.seq LIMIT @limit";

    // One statement, so that both tables are seen at one moment.
    private const string SqlitePage =
        "SELECT e.seq, e.event FROM events e JOIN threads t ON t.thread_no = e.thread_no WHERE t.user_id=?1 AND t.thread_id=?2 AND e.seq > ?3 "
        + "UNION ALL SELECT r.seq, r.event FROM recent_events r JOIN threads t ON t.thread_no = r.thread_no WHERE t.user_id=?1 AND t.thread_id=?2 "
        + "AND r.seq > max(?3, (SELECT coalesce(max(seq), 0) FROM events WHERE thread_no = t.thread_no)) ORDER BY 1 LIMIT ?4";

    private const string Spans =
        "SELECT w.place, e.seq, e.event FROM unnest(@users::text[], @threads::text[], @afters::bigint[], @heads::bigint[]) WITH ORDINALITY AS w (user_id, thread_id, after, head, place) "
        + "JOIN threads t ON t.user_id=w.user_id AND t.thread_id=w.thread_id "
        + "CROSS JOIN LATERAL (SELECT seq, event FROM events WHERE thread_no=t.thread_no AND seq > w.after AND seq <= w.head) e ORDER BY w.place, e.seq";

    /// <returns>The last seq; null where there is no such thread.</returns>
    public Task<long?> HeadAsync(ThreadKey key, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ScalarAsync<long?>(
            "SELECT head FROM threads WHERE user_id=@u AND thread_id=@t", cancellationToken, ("u", key.UserId), ("t", key.ThreadId)), cancellationToken);

    /// <summary>Entries after <paramref name="after"/>, in order: at least one if there is one, at most <paramref name="limit"/>.</summary>
    public Task<List<LogEntry>> ReadAsync(ThreadKey key, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection is SqliteConnection sqlite ? Task.FromResult(ReadPage(sqlite, key, after, limit)) : ReadPageAsync(connection, key, after, limit, cancellationToken), cancellationToken);

    /// <summary>The next entries for who has all up to <paramref name="after"/> and has heard of <paramref name="heard"/>; none where there is nothing more.</summary>
    /// <exception cref="LogGapException">What should come next is not there.</exception>
    public async Task<List<LogEntry>> FollowAsync(ThreadKey key, long after, long heard, int limit, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(key, after, limit, cancellationToken);
        if (page.Count > 0 ? page[0].Seq == after + 1 : heard <= after) return Dense(page);
        if (await HeadAsync(key, cancellationToken) is not { } head || head <= after) throw LogGapException.Deleted();
        var last = page.Count > 0 ? page[0].Seq - 1 : head;
        Lines.Incomplete(logger, key.ThreadId, key.UserId, after + 1, last);
        throw LogGapException.Incomplete(after + 1, last);
    }

    /// <summary>Entries of several threads in one round trip: each thread's in order, a page at a time. Of a thread that is gone there are none.</summary>
    /// <remarks>For PostgreSQL, which is what nodes have in common.</remarks>
    public Task ReadAsync(IReadOnlyList<LogSpan> spans, Action<ThreadKey, IReadOnlyList<LogEntry>> found, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => ReadAsync(connection, spans, found, cancellationToken), cancellationToken);

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

    /// <summary>What is before a gap goes out first.</summary>
    private static List<LogEntry> Dense(List<LogEntry> page)
    {
        var count = Math.Min(1, page.Count);
        while (count < page.Count && page[count].Seq == page[count - 1].Seq + 1) count++;
        page.RemoveRange(count, page.Count - count);
        return page;
    }

    private static List<LogEntry> ReadPage(SqliteConnection connection, ThreadKey key, long after, int limit)
    {
        using var page = new SqliteStatement(connection, SqlitePage);
        page.Bind(1, key.UserId.ToString());
        page.Bind(2, Sql.Stored(key.ThreadId));
        page.Bind(3, after);
        page.Bind(4, limit);
        var (entries, head) = (new List<LogEntry>(), new FrameHead(key.ThreadId));
        for (var bytes = 0; bytes < PageBytes && page.Read();)
        {
            var json = page.Bytes(1);
            bytes += json.Length;
            entries.Add(LogEntry.Create(head, page.Int64(0), json));
        }

        return entries;
    }

    private static async Task<List<LogEntry>> ReadPageAsync(DbConnection connection, ThreadKey key, long after, int limit, CancellationToken cancellationToken)
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

    private static async Task<bool> ReadAsync(DbConnection connection, IReadOnlyList<LogSpan> spans, Action<ThreadKey, IReadOnlyList<LogEntry>> found, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            Spans, ("users", spans.Select(s => s.Thread.UserId.ToString()).ToArray()), ("threads", spans.Select(s => Sql.Stored(s.Thread.ThreadId)).ToArray()),
            ("afters", spans.Select(s => s.After).ToArray()), ("heads", spans.Select(s => s.Head).ToArray()));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var (entries, head, bytes, place) = (new List<LogEntry>(), (FrameHead?)null, 0, 0L);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (rows.GetInt64(0) != place || bytes >= PageBytes)
            {
                HandOn();
                if (rows.GetInt64(0) != place) head = null;
                (entries, bytes, place) = ([], 0, rows.GetInt64(0));
            }

            var json = rows.Bytes(2);
            bytes += json.Length;
            entries.Add(LogEntry.Create(head ??= new FrameHead(spans[(int)place - 1].Thread.ThreadId), rows.GetInt64(1), json));
        }

        HandOn();
        return true;

        void HandOn()
        {
            if (entries.Count > 0) found(spans[(int)place - 1].Thread, entries);
        }
    }

    private static partial class Lines
    {
        [LoggerMessage(1, LogLevel.Error, "The log of thread {ThreadId} of user {UserId} has lost its events {First} to {Last}; a backup may have them")]
        public static partial void Incomplete(ILogger logger, string threadId, Guid userId, long first, long last);
    }
}

/// <summary>A part of a thread's log: the entries after <paramref name="After"/>, up to and with <paramref name="Head"/>.</summary>
internal readonly record struct LogSpan(ThreadKey Thread, long After, long Head);
