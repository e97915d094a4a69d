using System.Diagnostics;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Runs;

/// <summary>Needs a stack of its own: the backend dies.</summary>
public sealed class KillingTheBackend(Platform platform) : IClassFixture<Platform>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_answered_once_although_the_process_is_killed()
    {
        await using var user = await platform.SignUpAsync("killed", Stop);
        string[] runs = ["one", "two", "three"];
        var before = platform.Stack.RecordOf("backend");
        await using (var socket = await RawSocket.OpenAsync(platform, user, Stop))
        {
            foreach (var run in runs) Assert.Equal("ack", RawSocket.TypeOf(await socket.StartAsync(run, RawSocket.Input("What can you do?", "thread", run), Stop)));
            using var process = Process.GetProcessById(before.Pid);
            process.Kill();
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await platform.State.WaitForRecordAsync("backend", record => record.Instance != before.Instance, limit.Token);
        await using var after = await RawSocket.OpenAsync(platform, user, Stop);
        await after.SendAsync(new { type = "thread.subscribe", id = "s", threadId = "thread", after = 0 }, Stop);
        foreach (var run in runs) await after.EndOfAsync(run, Stop);

        var events = after.EventsOf("thread");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        Assert.Equal(runs, events.Where(e => RawSocket.EventType(e) == "RUN_FINISHED").Select(RawSocket.RunOf));
        Assert.Single(runs.Select(run => AnswerOf(events, run)).Distinct());
    }

    private static string AnswerOf(IEnumerable<JsonElement> events, string run) => string.Concat(events
        .Where(e => RawSocket.EventType(e) == "TEXT_MESSAGE_CONTENT" && RawSocket.RunOf(e) == run)
        .Select(e => e.GetProperty("event").GetProperty("delta").GetString()));
}
