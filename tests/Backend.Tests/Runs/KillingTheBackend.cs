using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Runs;

/// <summary>Needs a stack of its own: the backend dies.</summary>
public sealed class KillingTheBackendOnSqlite(Platform platform) : KillingTheBackend(platform), IClassFixture<Platform>;

[Collection(OnPostgres.Name)]
public sealed class KillingTheBackendOnPostgres(PostgresPlatform platform) : KillingTheBackend(platform, fullOnly: true);

/// <param name="fullOnly">Every run of the suites kills nodes on PostgreSQL elsewhere.</param>
public abstract partial class KillingTheBackend(Platform platform, bool fullOnly = false)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_answered_once_although_the_process_is_killed()
    {
        if (fullOnly) SuiteSize.RequireFull();
        await using var user = await platform.SignUpAsync("killed", Stop);
        string[] runs = ["one", "two", "three"];
        await using (var socket = await RawSocket.OpenAsync(platform, user, Stop))
        {
            foreach (var run in runs) Assert.Equal("ack", RawSocket.TypeOf(await socket.StartAsync(run, RawSocket.Input("What can you do?", "thread", run), Stop)));
            await KillAsync();
        }

        await using var after = await RawSocket.OpenAsync(platform, user, Stop);
        await after.FollowAsync("thread", Stop);
        foreach (var run in runs) await after.EndOfAsync(run, Stop);

        var events = Whole(after);
        Assert.Equal(runs, events.Where(e => RawSocket.EventType(e) == "RUN_FINISHED").Select(RawSocket.RunOf));
        Assert.Single(runs.Select(run => AnswerOf(events, run)).Distinct());
    }

    [Fact]
    public async Task A_run_killed_while_its_tools_work_goes_on_where_it_was_and_answers_as_if_nothing_had_happened()
    {
        if (fullOnly) SuiteSize.RequireFull();
        await using var user = await platform.SignUpAsync("torn", Stop);
        using var http = user.CreateHttp(platform.Backend);
        var file = await LongRun.UploadAsync(http, Stop);
        List<string> seen;
        await using (var socket = await RawSocket.OpenAsync(platform, user, Stop))
        {
            await socket.StartAsync("torn", LongRun.Input("thread", "torn", file), Stop);
            await LongRun.UnderWayAsync(socket, "torn", Stop);
            await KillAsync();
            seen = [.. socket.EventsOf("thread").Select(e => e.GetRawText())];
        }

        await using var after = await RawSocket.OpenAsync(platform, user, Stop);
        await after.FollowAsync("thread", Stop);
        var end = await after.EndOfAsync("torn", Stop);
        Assert.True(end.GetProperty("event").GetProperty("timestamp").GetInt64() > Backend.ProcessStartedAt.ToUnixTimeMilliseconds(), "The run was over before the kill.");
        await after.StartAsync("whole", LongRun.Input("other", "whole", file), Stop);
        await after.EndOfAsync("whole", Stop);

        var events = Whole(after);
        Assert.Equal(seen, events.Take(seen.Count).Select(e => e.GetRawText()));
        Assert.NotEmpty(AnswerOf(events, "torn"));
        Assert.Equal(AnswerOf(after.EventsOf("other"), "whole"), AnswerOf(events, "torn"));
    }

    private Contracts.Discovery.DiscoveryRecord Backend => platform.Stack.RecordOf("backend");

    /// <summary><c>kill -9</c>; the launcher starts the backend again.</summary>
    private async Task KillAsync()
    {
        var before = Backend;
        using (var process = Process.GetProcessById(before.Pid)) process.Kill();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await platform.State.WaitForRecordAsync("backend", record => record.Instance != before.Instance, limit.Token);
    }

    /// <summary>The thread's events, which must be dense and in order.</summary>
    private static IReadOnlyList<JsonElement> Whole(RawSocket socket)
    {
        var events = socket.EventsOf("thread");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        return events;
    }

    /// <summary>The answer's text, without the ids of its figures: those are the run's own.</summary>
    private static string AnswerOf(IEnumerable<JsonElement> events, string run) => FigureId().Replace(
        string.Concat(events
            .Where(e => RawSocket.EventType(e) == "TEXT_MESSAGE_CONTENT" && RawSocket.RunOf(e) == run)
            .Select(e => e.GetProperty("event").GetProperty("delta").GetString())), "");

    [GeneratedRegex("#f-[0-9a-f-]+")]
    private static partial Regex FigureId();
}
