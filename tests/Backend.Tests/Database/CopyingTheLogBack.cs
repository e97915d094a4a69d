using Throughline.Backend.Database;
using Throughline.Backend.Tests.Threads;

namespace Throughline.Backend.Tests.Database;

/// <summary>SQLite's write-ahead log comes back into its file without a commit that has to do it.</summary>
public sealed class CopyingTheLogBack : IAsyncLifetime
{
    private const int PageBytes = 4096;
    private const int RowBytes = 1 << 20;
    private const int Rows = 48; // some 12,000 pages: enough to be copied back, and far from what a commit would do itself

    private readonly SqliteLog _file = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private BackendDatabase Database => _file.Database;

    public async ValueTask InitializeAsync()
    {
        await _file.CreateAsync();
        await Database.WriteAsync(connection => connection.ExecuteAsync("CREATE TABLE written (bytes BLOB NOT NULL)", Stop), Stop);
    }

    [Fact]
    public async Task The_log_begins_anew_while_commits_go_on()
    {
        await WriteAsync(1, RowBytes);
        var first = BeginningOfLog();
        await WriteAsync(Rows, RowBytes);

        // The first commit after the last pass writes the log from its beginning.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        var small = 0;
        for (; BeginningOfLog() == first; small++)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await WriteAsync(1, bytes: 10);
        }

        Assert.InRange(LengthOfLog(), 1, (WriteAheadLog.TooMany - 1L) * PageBytes);
        Assert.Equal(1 + Rows + small, await Database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT count(*) FROM written", Stop), Stop));
        Assert.Equal("ok", await Database.ReadAsync(connection => connection.ScalarAsync<string>("PRAGMA integrity_check", Stop), Stop));
    }

    [Fact]
    public async Task What_was_deleted_goes_from_the_log_although_it_is_just_being_copied()
    {
        for (var round = 0; round < 5; round++)
        {
            await WriteAsync(Rows, RowBytes);
            Assert.True(await Database.TruncateLogAsync(Stop));
            Assert.Equal(0, LengthOfLog());
        }
    }

    public async ValueTask DisposeAsync() => await _file.DisposeAsync();

    private async Task WriteAsync(int rows, int bytes)
    {
        for (var row = 0; row < rows; row++)
            await Database.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO written (bytes) VALUES (zeroblob(@bytes))", Stop, ("bytes", bytes)), Stop);
    }

    private long LengthOfLog() => new FileInfo($"{Database.FilePath}-wal").Length;

    /// <summary>The header, which is another each time the log begins anew (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).</summary>
    private string BeginningOfLog()
    {
        using var log = File.Open($"{Database.FilePath}-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[32];
        log.ReadExactly(header);
        return Convert.ToHexString(header);
    }
}
