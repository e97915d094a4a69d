using System.Net;

namespace Throughline.Backend.Tests.Runs;

public sealed class LosingTheDatabase(PostgresServices services) : IClassFixture<PostgresServices>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_under_way_goes_on_when_the_database_is_back_and_what_is_asked_meanwhile_is_refused()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var file = await LongRun.UploadAsync(alice.Http, Stop);
        await using var socket = await RawSocket.OpenAsync(services, alice, Stop);
        await socket.StartAsync("run", LongRun.Input("thread", "run", file), Stop);
        await LongRun.UnderWayAsync(socket, "run", Stop);

        await services.CloseDatabaseAsync(Stop);
        try
        {
            await services.UntilAsync(
                () => Task.FromResult(services.Backend.Program.Transcript.Contains("Run run could not be written and is taken up again", StringComparison.Ordinal)), "the run meets the loss", Stop);
            var refused = await socket.StartAsync("meanwhile", RawSocket.Input("What can you do?", "thread", "meanwhile"), Stop);
            Assert.Equal("unavailable", refused.GetProperty("code").GetString());
            using var unread = await alice.Http.GetAsync("/api/threads", Stop);
            Assert.Equal("unavailable", await unread.CodeOfAsync(HttpStatusCode.ServiceUnavailable, Stop));
            Assert.NotNull(unread.Headers.RetryAfter);
        }
        finally
        {
            await services.OpenDatabaseAsync(Stop);
        }

        Assert.Equal("success", (await socket.EndOfAsync("run", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        await socket.StartAsync("later", RawSocket.Input("What can you do?", "thread", "later"), Stop);
        await socket.EndOfAsync("later", Stop);
        AssertWhole(socket);
    }

    [Fact]
    public async Task An_accepted_run_that_nobody_works_on_is_taken_up_without_a_restart()
    {
        using var bob = await services.SignUpAsync("bob", Stop);
        await using var socket = await RawSocket.OpenAsync(services, bob, Stop);
        await socket.StartAsync("first", RawSocket.Input("What can you do?", "thread", "first"), Stop);
        await socket.EndOfAsync("first", Stop);

        // What is left of an acceptance that was committed while the connection broke: its thread knows nothing of it.
        await services.ExecuteAsync(
            $"""
            INSERT INTO runs (user_id, thread_no, run_id, input, input_hash, status, accepted_at, accepted_head)
            SELECT user_id, thread_no, 'lost', input, input_hash, 'queued', accepted_at, accepted_head FROM runs WHERE run_id='first' AND user_id='{bob.UserId}'
            """, Stop);
        Assert.Equal("success", (await socket.EndOfAsync("lost", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        AssertWhole(socket);
    }

    [Fact]
    public async Task What_waiting_would_not_mend_is_no_outage_over_a_socket_and_over_HTTP_alike()
    {
        using var carol = await services.SignUpAsync("carol", Stop);
        await using var socket = await RawSocket.OpenAsync(services, carol, Stop);
        await services.ExecuteAsync("ALTER TABLE files RENAME TO elsewhere", Stop);
        try
        {
            var refused = await socket.StartAsync("run", LongRun.Input("thread", "run", Guid.CreateVersion7()), Stop);
            Assert.Equal("internal", refused.GetProperty("code").GetString());
            using var unread = await carol.Http.GetAsync("/api/files", Stop);
            Assert.Equal("internal", await unread.CodeOfAsync(HttpStatusCode.InternalServerError, Stop));
        }
        finally
        {
            await services.ExecuteAsync("ALTER TABLE elsewhere RENAME TO files", Stop);
        }
    }

    private static void AssertWhole(RawSocket socket)
    {
        var events = socket.EventsOf("thread");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
    }
}
