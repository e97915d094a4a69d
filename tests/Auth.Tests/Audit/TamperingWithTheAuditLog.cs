using Microsoft.Data.Sqlite;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests.Audit;

/// <summary>A running auth whose log has 40 entries or a few more, and a hand in its database.</summary>
public sealed class TamperedAuth : IAsyncLifetime
{
    /// <summary>How many there are; in SQL and words of the tests, <c>{last}</c>.</summary>
    public int Entries { get; private set; }

    private AuthNode? _node;

    internal AuthProcess Process { get; private set; } = null!;

    private SqliteConnection Database { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        Process = await AuthProcess.StartAsync(stop);
        await AuditOf.SettledAsync(Process, stop);
        _node = new AuthNode(Process);
        await AuditOf.FillAsync(_node, 40, stop);
        Entries = (await AuditOf.ReadAsync(_node)).Count;
        await Process.StopAsync(); // anchors the log's end
        await Process.StartAsync(stop);
        Database = new SqliteConnection($"Data Source={Path.Combine(Process.State, "auth.db")};Pooling=False");
        await Database.OpenAsync(stop);
        Execute("CREATE TABLE \"Untouched\" AS SELECT * FROM \"AuditEntries\"");
    }

    /// <summary>Whoever owns the file can drop the triggers; the chain is for that case.</summary>
    public void DropTriggers() => Execute("DROP TRIGGER IF EXISTS \"AuditEntriesStay\"; DROP TRIGGER IF EXISTS \"AuditEntriesStand\"");

    public void Restore() => Execute("DELETE FROM \"AuditEntries\"; INSERT INTO \"AuditEntries\" SELECT * FROM \"Untouched\"");

    /// <summary>The control, without a program of its own: what nobody touched, or what was put back, is whole.</summary>
    public async Task AssertWholeAsync()
    {
        var entries = await AuditOf.ReadAsync(_node!);
        Assert.Equal(Entries, entries.Count);
        Assert.Null(AuditOf.FaultIn(_node!, entries));
    }

    public void Execute(string sql)
    {
        using var command = Database.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_node is not null) await _node.DisposeAsync();
        await Process.DisposeAsync();
    }
}

public sealed class TamperingWithTheAuditLog(TamperedAuth auth) : IClassFixture<TamperedAuth>
{
    private const string NotAuths = "is not what auth wrote there";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("an outcome edited", "UPDATE \"AuditEntries\" SET \"Outcome\" = CASE \"Outcome\" WHEN 'success' THEN 'denied' ELSE 'success' END WHERE \"Seq\" = 17", 17, NotAuths)]
    [InlineData("a time moved by a millisecond", "UPDATE \"AuditEntries\" SET \"At\" = \"At\" + 1 WHERE \"Seq\" = 5", 5, NotAuths)]
    [InlineData("an address put in", "UPDATE \"AuditEntries\" SET \"Address\" = '203.0.113.9' WHERE \"Seq\" = 1", 1, NotAuths)]
    [InlineData("a hash edited", "UPDATE \"AuditEntries\" SET \"Hash\" = zeroblob(32) WHERE \"Seq\" = 30", 30, NotAuths)]
    [InlineData("a hash shortened", "UPDATE \"AuditEntries\" SET \"Hash\" = zeroblob(1) WHERE \"Seq\" = {last}", 0, NotAuths)]
    [InlineData("one removed", "DELETE FROM \"AuditEntries\" WHERE \"Seq\" = 9", 9, "Entry 9 is missing")]
    [InlineData("several removed", "DELETE FROM \"AuditEntries\" WHERE \"Seq\" BETWEEN 1 AND 12", 1, "The entries 1 to 12 are missing")]
    [InlineData("one removed and the rest renumbered", "DELETE FROM \"AuditEntries\" WHERE \"Seq\" = 20; UPDATE \"AuditEntries\" SET \"Seq\" = -\"Seq\" WHERE \"Seq\" > 20; UPDATE \"AuditEntries\" SET \"Seq\" = -\"Seq\" - 1 WHERE \"Seq\" < 0", 20, NotAuths)]
    [InlineData("the last removed", "DELETE FROM \"AuditEntries\" WHERE \"Seq\" = {last}", 0, "its end was cut off")]
    [InlineData("all but ten removed", "DELETE FROM \"AuditEntries\" WHERE \"Seq\" > 10", 11, "had come to {last}")]
    [InlineData("all removed", "DELETE FROM \"AuditEntries\"", 1, "its end was cut off")]
    public async Task Is_found_and_named(string what, string sql, long seq, string meaning) =>
        await AssertFoundAsync(what, sql, seq > 0 ? seq : auth.Entries, meaning); // 0: the last one

    [Fact]
    public async Task By_putting_entries_in_is_found_and_named()
    {
        await AssertWholeAsync();
        var end = auth.Entries + 1;
        await AssertFoundAsync("a copy at the end", Copy(end, 40), end, NotAuths);
        await AssertFoundAsync("a copy far behind the end", Copy(end + 9, 40), end, $"The entries {end} to {end + 8} are missing");
        await AssertFoundAsync("a copy before the first", Copy(0, 40), 0, "it was put in");
        await AssertFoundAsync("a copy below zero", Copy(-7, 40), -7, "it was put in");
        await AssertFoundAsync(
            "two exchanged",
            $"DELETE FROM \"AuditEntries\" WHERE \"Seq\" IN (3, 4); {Copy(3, 4)} {Copy(4, 3)}", 3, NotAuths);
    }

    [Fact]
    public async Task Is_refused_by_the_database_while_its_triggers_stand()
    {
        await using var process = await AuthProcess.StartAsync(Stop);
        await using (var node = new AuthNode(process)) await AuditOf.FillAsync(node, 1, Stop);
        await using var database = new SqliteConnection($"Data Source={Path.Combine(process.State, "auth.db")};Pooling=False");
        await database.OpenAsync(Stop);
        foreach (var sql in (string[])["UPDATE \"AuditEntries\" SET \"Detail\" = ''", "DELETE FROM \"AuditEntries\"", "REPLACE INTO \"AuditEntries\" SELECT * FROM \"AuditEntries\""])
        {
            await using var command = database.CreateCommand();
#pragma warning disable CA2100 // The test's own constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            Assert.Contains("append-only", (await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync(Stop))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_an_anchor_or_with_a_foreign_one_the_end_is_not_vouched_for()
    {
        var path = Path.Combine(auth.Process.State, AuditAnchor.Location);
        var whole = await File.ReadAllTextAsync(path, Stop);
        try
        {
            foreach (var forged in (string[])[whole.Replace($"\"seq\": {auth.Entries}", "\"seq\": 39", StringComparison.Ordinal), "{}", "", "null", "no anchor"])
            {
                Assert.NotEqual(whole, forged);
                await File.WriteAllTextAsync(path, forged, Stop);
                var (code, _, errors) = await AuditOf.RunAsync(auth.Process, Stop, "verify");
                Assert.Equal(1, code);
                Assert.Contains(AuditAnchor.Location, errors, StringComparison.Ordinal);
            }

            File.Delete(path);
            var (missing, _, said) = await AuditOf.RunAsync(auth.Process, Stop, "verify");
            Assert.Equal(1, missing);
            Assert.Contains("cannot be told", said, StringComparison.Ordinal);
        }
        finally
        {
            await File.WriteAllTextAsync(path, whole, Stop);
        }
        await AssertWholeAsync();
    }

    [Fact]
    public async Task By_cutting_the_end_off_and_writing_on_is_found_though_the_chain_fits()
    {
        await using var process = await AuthProcess.StartAsync(Stop);
        await AuditOf.SettledAsync(process, Stop);
        long last;
        await using (var node = new AuthNode(process))
        {
            await AuditOf.FillAsync(node, 10, Stop);
            last = (await AuditOf.ReadAsync(node)).Count;
        }
        await process.StopAsync();
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(process.State, "auth.db")};Pooling=False"))
        {
            await database.OpenAsync(Stop);
            await using var command = database.CreateCommand();
            command.CommandText = "DROP TRIGGER \"AuditEntriesStay\"; DELETE FROM \"AuditEntries\" WHERE \"Seq\" > 6";
            await command.ExecuteNonQueryAsync(Stop);
        }

        await process.StartAsync(Stop);
        await using (var node = new AuthNode(process)) await AuditOf.FillAsync(node, 20, Stop);
        await process.StopAsync();
        Assert.Contains($"lacks entry {last}", process.Output, StringComparison.Ordinal);
        await process.StartAsync(Stop);

        var (code, _, errors) = await AuditOf.RunAsync(process, Stop, "verify");
        Assert.Equal(1, code);
        Assert.Contains($"BROKEN at entry {last}. ", errors, StringComparison.Ordinal);
        Assert.Contains("cut off there or before, and written on", errors, StringComparison.Ordinal);
    }

    private string WithLast(string text) => text.Replace("{last}", $"{auth.Entries}", StringComparison.Ordinal);

    private static string Copy(long to, long from) => $"""
        INSERT INTO "AuditEntries" SELECT {to}, "At", "Event", "Outcome", "UserId", "ActorId", "SessionId", "Address", "UserAgent", "Detail", "TraceId", "Hash"
        FROM "Untouched" WHERE "Seq" = {from};
        """;

    private async Task AssertFoundAsync(string what, string sql, long seq, string meaning)
    {
        await auth.AssertWholeAsync();
        auth.DropTriggers();
        auth.Execute(WithLast(sql));
        try
        {
            var (code, output, errors) = await AuditOf.RunAsync(auth.Process, Stop, "verify");
            Assert.True(code == 1, $"{what} was not found: {output}");
            Assert.Contains($"BROKEN at entry {seq}. ", errors, StringComparison.Ordinal);
            Assert.Contains(WithLast(meaning), errors, StringComparison.Ordinal);
        }
        finally
        {
            auth.Restore();
        }
    }

    /// <summary>The control through the launcher: what nobody touched is found whole.</summary>
    private async Task AssertWholeAsync()
    {
        var (code, output, errors) = await AuditOf.RunAsync(auth.Process, Stop, "verify");
        Assert.True(code == 0, errors);
        Assert.StartsWith($"The audit log is whole: {auth.Entries} entries, the first of ", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
    }
}
