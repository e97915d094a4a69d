using System.Net;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Throughline.Auth.Audit;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Audit;

public sealed class WritingTheAuditLogOnSqlite(SqliteAuth platform) : WritingTheAuditLog(platform);

public sealed class WritingTheAuditLogOnPostgres(PostgresAuth platform) : WritingTheAuditLog(platform)
{
    [Theory]
    [InlineData("UPDATE \"AuditEntries\" SET \"Detail\" = ''")]
    [InlineData("DELETE FROM \"AuditEntries\"")]
    [InlineData("TRUNCATE \"AuditEntries\"")]
    public async Task What_is_written_the_database_will_not_change(string sql)
    {
        var process = (await Platform.ClientAsync()).Process;
        await using var node = new AuthNode(process);
        await AuditOf.FillAsync(node, 1, Stop);
        await using var database = NpgsqlDataSource.Create(process.Settings["Database__ConnectionString"]);
#pragma warning disable CA2100 // The test's own constants.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        Assert.Contains("append-only", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Stop))).MessageText, StringComparison.Ordinal);
    }
}

public abstract class WritingTheAuditLog(SharedAuth platform)
{
    private const int Writers = 8;
    private const int EntriesEach = 25;

    protected SharedAuth Platform { get; } = platform;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_nodes_at_once_make_one_chain_without_a_fork_or_a_gap()
    {
        var process = (await Platform.ClientAsync()).Process;
        // A node of its own each: nothing in memory keeps them apart, only the database.
        var nodes = Enumerable.Range(0, Writers).Select(_ => new AuthNode(process)).ToList();
        try
        {
            var before = await nodes[0].ReadAsync(db => db.AuditEntries.LongCountAsync(Stop));
            await Task.WhenAll(nodes.Select((node, n) => Task.Run(() => WriteAsync(node, n), Stop)));
            var entries = await AuditOf.ReadAsync(nodes[0]);

            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => (long)i), entries.Select(e => e.Seq));
            Assert.Null(AuditOf.FaultIn(nodes[0], entries));
            // Other tests write as well; of these, each is there once and each writer's in its order.
            var written = entries.Skip((int)before).Where(e => e.Detail?.StartsWith("node ", StringComparison.Ordinal) == true).Select(e => e.Detail!).ToList();
            for (var n = 0; n < Writers; n++)
                Assert.Equal(Enumerable.Range(0, EntriesEach).Select(i => $"node {n} entry {i}"), written.Where(d => d.StartsWith($"node {n} ", StringComparison.Ordinal)));
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("quotes \" and \\ and <tags> & more")]
    [InlineData("lines\r\nand\ttabs")]
    [InlineData("a NUL \0 in it")]
    [InlineData("half a pair \ud83d in it")]
    [InlineData("e\u0301 is not é, 𝒜 takes two, 🦊 as well")]
    public async Task Whatever_is_told_comes_back_so_that_the_chain_holds(string detail)
    {
        await using var node = new AuthNode((await Platform.ClientAsync()).Process);
        // Cut at 400: in the middle of a pair, too.
        foreach (var text in (string[])[detail, detail + new string('x', 399 - detail.Length) + "🦊", ""])
            await node.WithAsync<AuditLog>(log => log.WriteAsync(new(AuditEvents.AccessDenied, AuditOutcome.Denied, null, null, text), Stop));
        Assert.Null(AuditOf.FaultIn(node, await AuditOf.ReadAsync(node)));
    }

    [Fact]
    public async Task Only_the_operator_may_read_it_and_page_by_page()
    {
        var auth = await Platform.ClientAsync();
        await using (var node = new AuthNode(auth.Process)) await AuditOf.FillAsync(node, 3, Stop);
        var (_, tokens) = await auth.NewUserAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/internal/audit")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/internal/audit", tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await auth.GetAsync("/internal/audit", await auth.ServiceTokenAsync())).Status);

        var token = await auth.ServiceTokenAsync("operator");
        var first = (await auth.GetAsync("/internal/audit?limit=2", token)).Json;
        Assert.Equal([1, 2], first.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
        var second = (await auth.GetAsync($"/internal/audit?limit=1&after={first.GetProperty("next").GetString()}", token)).Json;
        Assert.Equal(3, Assert.Single(second.GetProperty("items").EnumerateArray()).GetProperty("seq").GetInt64());
        foreach (var limit in (string[])["0", "1001", "-1"])
            Assert.Equal("invalid_field", (await auth.GetAsync($"/internal/audit?limit={limit}", token)).Code);
    }

    private static async Task WriteAsync(AuthNode node, int n)
    {
        for (var i = 0; i < EntriesEach; i++)
            await node.WithAsync<AuditLog>(log => log.WriteAsync(new(AuditEvents.Login, AuditOutcome.Success, null, null, $"node {n} entry {i}"), Stop));
    }
}

/// <summary>How long the check takes on a log of some size.</summary>
public sealed class VerifyingALongAuditLog
{
    [Fact]
    public async Task Takes_no_longer_than_one_waits_for()
    {
        var stop = TestContext.Current.CancellationToken;
        var count = SuiteSize.Of(5_000, 100_000);
        await using var process = await AuthProcess.StartAsync(stop);
        await using var node = new AuthNode(process);
        await AuditOf.SettledAsync(process, stop);
        await AuditOf.FillAsync(node, count, stop);
        var all = await node.ReadAsync(db => db.AuditEntries.CountAsync(stop));

        var began = TimeProvider.System.GetTimestamp();
        var (code, output, errors) = await AuditOf.RunAsync(process, stop, "verify");
        var elapsed = TimeProvider.System.GetElapsedTime(began);

        Assert.True(code == 0, errors);
        Assert.Contains($"{all:N0} entries", output, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"{all:N0} entries verified in {elapsed.TotalSeconds:0.0} s, the start of the program included.");
        var (_, shown, _) = await AuditOf.RunAsync(process, stop, "show", "--event", "login", "--lines", "2");
        Assert.Equal([$"attempt {count - 1}", $"attempt {count}"], shown.Split('\n').Select(line => line[line.IndexOf("attempt", StringComparison.Ordinal)..]));
    }
}
