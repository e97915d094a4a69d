using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Throughline.Backend.Database;

/// <summary>
/// Copies SQLite's write-ahead log back into its file. Left to itself SQLite has the commit do that which finds the log long, and everybody waits for it. Here most of it happens beside
/// the writer, in passes, until so little is left that the writer can wait for the rest: only when all is copied does the log begin anew (https://www.sqlite.org/wal.html#ckpt).
/// </summary>
/// <param name="path">The database file.</param>
/// <param name="open">Another connection to it.</param>
/// <param name="writer">Held by whoever writes.</param>
internal sealed partial class WriteAheadLog(string path, Func<ValueTask<DbConnection>> open, SemaphoreSlim writer, ILogger logger) : IAsyncDisposable
{
    /// <summary>Pages after which the log is copied back, so that those which are written again and again are copied once.</summary>
    private const int Enough = 8192;

    /// <summary>Pages after which a commit does it nevertheless, should it not get done here.</summary>
    public const int TooMany = 4 * Enough;

    private const int MostPasses = 4;

    /// <summary>Pages that the writer can wait for.</summary>
    private const int Few = 200;

    private long _written;
    private Task _copying = Task.CompletedTask;
    private SafeFileHandle? _file;

    /// <summary>Counts what a transaction has written. Called by who holds the writer's turn.</summary>
    public void Committed(SqliteConnection connection)
    {
        raw.sqlite3_db_status(connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        Interlocked.Add(ref _written, pages);
        if (Interlocked.Read(ref _written) >= Enough && _copying.IsCompleted) _copying = Task.Run(CopyBackAsync);
    }

    /// <summary>Copies everything back and empties the log, which shows what was deleted until then.</summary>
    /// <returns>False where somebody still reads an older state.</returns>
    public async Task<bool> TruncateAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _copying);
        await writer.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await open();
            return await connection.ScalarAsync<long>("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken) == 0;
        }
        finally
        {
            writer.Release();
        }
    }

    /// <summary>To be called once all connections are closed: closing the file takes this process's locks on it away, SQLite's too (fcntl(2)).</summary>
    public async ValueTask DisposeAsync()
    {
        await _copying;
        _file?.Dispose();
    }

    private async Task CopyBackAsync()
    {
        try
        {
            await using var connection = await open();
            for (var pass = 0; pass < MostPasses && Interlocked.Exchange(ref _written, 0) > Few; pass++) await CopyAsync(connection);
            await writer.WaitAsync();
            try
            {
                await CopyAsync(connection);
                Interlocked.Exchange(ref _written, 0);
            }
            finally
            {
                writer.Release();
            }
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException)
        {
            Log.NotCopied(logger, e.Message);
        }
    }

    private async Task CopyAsync(DbConnection connection)
    {
        await connection.ScalarAsync<long>("PRAGMA wal_checkpoint(PASSIVE)", CancellationToken.None);
        // SQLite does this in the last pass alone, when the writer waits.
        RandomAccess.FlushToDisk(_file ??= File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database's log could not be copied back into its file, which is tried again after the next few thousand pages: {Reason}")]
        public static partial void NotCopied(ILogger logger, string reason);
    }
}
