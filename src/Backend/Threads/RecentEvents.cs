using Microsoft.Data.Sqlite;
using Throughline.Backend.Database;

namespace Throughline.Backend.Threads;

/// <summary>
/// Where SQLite's newest events stand: in one table, in the order in which they came. In <c>events</c> each thread has pages of its own, and a commit of a thousand
/// threads would write a thousand of them, however little each has to say. Once there is enough, the events move there, many of a thread at once; and a few with each
/// commit, so that none takes long.
/// </summary>
/// <remarks>
/// While a sweep goes on an event may stand in both tables. <c>events</c> always holds a thread's first ones without a gap, so whoever reads takes from here what is beyond
/// them. A sweep that was broken off, by a rollback or by the end of the process, begins anew, and leaves what was copied before as it is.
/// A sweep removes what came up to its beginning. So no number is given a second time, as SQLite gives those of newest rows that were erased.
/// The idea is that of log-structured merge-trees: O'Neil et al., Acta Informatica 33 (1996).
/// </remarks>
internal sealed class RecentEvents
{
    /// <summary>Bytes of events after which a sweep begins.</summary>
    private const long Enough = 4L << 20;

    /// <summary>Entries of a commit for which a sweep takes one step more, so that it is over before the next is due.</summary>
    private const int EntriesOfAStep = 512;

    // What an earlier sweep copied is there already.
    private const string Copy = "INSERT OR IGNORE INTO events (thread_no, seq, event) SELECT thread_no, seq, event FROM recent_events WHERE ";

    private const string Add = "INSERT INTO recent_events (arrival, thread_no, seq, event) VALUES (?1, ?2, ?3, ?4)";

    private const string Newest = "SELECT coalesce(max(arrival), 0) FROM recent_events";

    private long _bytes = Enough; // what an earlier process left moves first
    private long _newest;
    private Sweep? _sweep;

    /// <summary>Adds a transaction's entries, and moves some older ones on.</summary>
    public async Task InsertAsync(SqliteConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        _newest = Math.Max(_newest, await connection.ScalarAsync<long>(Newest, CancellationToken.None));
        var entries = InsertEach(connection, threads);
        var steps = 1 + (entries / EntriesOfAStep);
        while (steps-- > 0 && await MoveOnAsync(connection)) { }
    }

    /// <summary>The transaction was rolled back, and with it what had moved.</summary>
    public void BeginAnew() => (_bytes, _sweep) = (Enough, null);

    /// <summary>Moves all that stands here of one thread, for who wants it in one place.</summary>
    public static async Task SettleAsync(SqliteConnection connection, long threadNo, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"{Copy}thread_no=@no ORDER BY seq", cancellationToken, ("no", threadNo));
        await connection.ExecuteAsync("DELETE FROM recent_events WHERE thread_no=@no", cancellationToken, ("no", threadNo));
    }

    private int InsertEach(SqliteConnection connection, IReadOnlyList<ThreadAppends> threads)
    {
        var entries = 0;
        using var add = new SqliteStatement(connection, Add);
        foreach (var thread in threads)
        {
            add.Bind(2, thread.ThreadNo);
            foreach (var entry in thread.Entries)
            {
                add.Bind(1, ++_newest);
                add.Bind(3, entry.Seq);
                add.Bind(4, entry.Event.Span);
                add.Run();
                _bytes += entry.Event.Length;
                entries++;
            }
        }

        return entries;
    }

    /// <returns>Whether there may be more to move.</returns>
    private async Task<bool> MoveOnAsync(SqliteConnection connection)
    {
        if (_sweep is null && _bytes >= Enough) (_bytes, _sweep) = (0, new Sweep(_newest));
        if (_sweep is null) return false;
        if (await _sweep.StepAsync(connection)) return true;
        _sweep = null;
        return false;
    }

    /// <summary>One pass: copies thread by thread, then removes what stood there when it began.</summary>
    private sealed class Sweep(long newest)
    {
        private const int CopiedAtOnce = 1024;
        private const int RemovedAtOnce = 4096;

        // The last entry of the next so many.
        private const string End = "SELECT thread_no, seq FROM recent_events WHERE (thread_no, seq) > (@thread, @seq) ORDER BY thread_no, seq LIMIT 1 OFFSET @more";

        private const string CopySome = $"{Copy}(thread_no, seq) > (@thread, @seq) AND (thread_no, seq) <= (@toThread, @toSeq) ORDER BY thread_no, seq";

        private const string Remove = "DELETE FROM recent_events WHERE arrival IN (SELECT arrival FROM recent_events WHERE arrival <= @newest ORDER BY arrival LIMIT @count)";

        private static readonly (long Thread, long Seq) Last = (long.MaxValue, long.MaxValue);

        private (long Thread, long Seq) _copied;

        /// <returns>False once all is done.</returns>
        public async Task<bool> StepAsync(SqliteConnection connection)
        {
            if (_copied == Last) return await connection.ExecuteAsync(Remove, CancellationToken.None, ("newest", newest), ("count", RemovedAtOnce)) == RemovedAtOnce;
            var ends = await connection.ListAsync(
                End, row => (row.GetInt64(0), row.GetInt64(1)), CancellationToken.None, ("thread", _copied.Thread), ("seq", _copied.Seq), ("more", CopiedAtOnce - 1));
            var end = ends.Count > 0 ? ends[0] : Last;
            await connection.ExecuteAsync(
                CopySome, CancellationToken.None, ("thread", _copied.Thread), ("seq", _copied.Seq), ("toThread", end.Item1), ("toSeq", end.Item2));
            _copied = end;
            return true;
        }
    }
}
