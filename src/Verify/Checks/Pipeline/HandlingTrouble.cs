using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Pipeline;

/// <summary>Check 5: requests that are none, many at once, and one that is cancelled.</summary>
internal sealed class HandlingTrouble : CheckPart
{
    private const int AtOnce = 4;
    private static readonly Assertion Empty = Refused("empty", "An empty question", "empty_message");
    private static readonly Assertion Unknown = Refused("unknown", "A frame of an unknown type", "unknown_type");
    private static readonly Assertion Long = Refused("long", "An over-long question", "message_too_long");
    private static readonly Assertion Malformed = Refused("malformed", "A frame that is no JSON", "invalid_json");
    private static readonly Assertion Concurrent = new("pipeline.concurrent", "Runs at the same time are each answered whole in their own thread") { Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Queued = new("pipeline.queued", "Questions that wait in one thread are answered in the order in which they were asked") { Deadline = TimeSpan.FromSeconds(15) };
    private static readonly Assertion Cancelled = new("pipeline.cancel", "A run that waits and is cancelled ends as cancelled, and no event of it comes after") { Deadline = TimeSpan.FromSeconds(15) };

    public override IReadOnlyList<Assertion> Assertions { get; } = [Empty, Unknown, Malformed, Long, Concurrent, Queued, Cancelled];

    private static Assertion Refused(string id, string what, string code) => new($"pipeline.refuse.{id}", $"{what} gets {code}, and the socket stays open");

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        await using var asker = await Asker.NewAsync(run.System, "trouble", 31, cancellationToken);
        await ShowRefusalsAsync(run, asker, cancellationToken);
        await run.ShowAsync(Concurrent, (probe, stop) => ConcurrentAsync(asker, probe, stop), cancellationToken);
        await run.ShowAsync(Queued, (probe, stop) => QueueAsync(run, probe, stop), cancellationToken);
        await run.ShowAsync(Cancelled, (probe, stop) => CancelAsync(run, probe, stop), cancellationToken);
    }

    private static async Task ShowRefusalsAsync(CheckRun run, Asker asker, CancellationToken cancellationToken)
    {
        await run.ShowAsync(Empty, (probe, stop) => RefuseAsync(asker, probe, "empty_message", Asking.Start(" ").ToJsonString(), stop), cancellationToken);
        await run.ShowAsync(Unknown, (probe, stop) => RefuseAsync(asker, probe, "unknown_type", """{ "type": "run.dance", "id": "dance" }""", stop), cancellationToken);
        await run.ShowAsync(Malformed, (probe, stop) => RefuseAsync(asker, probe, "invalid_json", """{ "type": """, stop), cancellationToken);
        await run.ShowAsync(Long, (probe, stop) => RefuseAsync(asker, probe, "message_too_long", Asking.Start(new string('x', 100_000)).ToJsonString(), stop), cancellationToken);
    }

    private static async Task RefuseAsync(Asker asker, Probe probe, string code, string frame, CancellationToken cancellationToken)
    {
        var before = asker.Socket.Frames.Count;
        await asker.Socket.SendTextAsync(frame, cancellationToken);
        var seen = 0;
        var error = await asker.Socket.UntilAsync($"the error {code}", f => seen++ >= before && ProbeSocket.TypeOf(f) == "error", cancellationToken);
        probe.Equal("the error code", code, error.FindText("code"));
        await asker.Socket.AskAsync(new JsonObject { ["type"] = "ping" }, cancellationToken);
        asker.Socket.Note();
    }

    /// <summary>Long answers: one that is done before the next question is read has met nobody.</summary>
    private static async Task ConcurrentAsync(Asker asker, Probe probe, CancellationToken cancellationToken)
    {
        var started = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => asker.AskAsync(Asking.FullReport, cancellationToken)));
        foreach (var one in started) await Asking.EndAsync(asker.Socket, one.RunId, cancellationToken);
        probe.Equal("the number of threads", AtOnce, started.Select(s => s.ThreadId).Distinct().Count());
        var spans = new List<(long From, long To)>();
        foreach (var one in started)
        {
            var events = asker.Socket.EventsOf(one.ThreadId);
            Asking.RequireOrder(probe, events, one);
            probe.That(events.All(e => ProbeSocket.RunOf(e) == one.RunId), "an event of another run is in the thread");
            asker.Usage.RequireFigures(probe, RunEvents.ResultOf(events));
            spans.Add((events[0].Member("event").Number("timestamp"), events[^1].Member("event").Number("timestamp")));
        }

        var alone = spans.Where((a, i) => !spans.Where((b, j) => i != j && b.From <= a.To && a.From <= b.To).Any()).Count();
        probe.That(alone == 0, $"{alone} of {AtOnce} runs that were asked for at once overlapped in time with no other");
    }

    /// <summary>A long answer first: the others have to wait for it, and so meet each other.</summary>
    private static async Task QueueAsync(CheckRun run, Probe probe, CancellationToken cancellationToken)
    {
        await using var asker = await Asker.NewAsync(run.System, "queueing", 33, cancellationToken);
        var thread = $"queue-{Guid.NewGuid():N}";
        var asked = new List<string>();
        foreach (var question in (string[])[Asking.FullReport, "hello", "What can you do?", "thanks"])
            asked.Add((await asker.AskAsync(question, cancellationToken, thread)).RunId);
        foreach (var runId in asked) await Asking.EndAsync(asker.Socket, runId, cancellationToken);
        var answered = asker.Socket.EventsOf(thread).Where(e => asked.Exists(runId => Asking.IsEndOf(e, runId))).Select(e => asked.IndexOf(ProbeSocket.RunOf(e)!) + 1);
        probe.Equal("the order of the answers", "1, 2, 3, 4", string.Join(", ", answered));
    }

    /// <summary>Several questions in one thread: the last ones wait, so a cancel finds them before they are done.</summary>
    private static async Task CancelAsync(CheckRun run, Probe probe, CancellationToken cancellationToken)
    {
        await using var asker = await Asker.NewAsync(run.System, "cancelling", 32, cancellationToken, rows: 4000);
        var thread = $"cancel-{Guid.NewGuid():N}";
        var kept = await asker.AskAsync(Asking.FullReport, cancellationToken, thread);
        var cancelled = await asker.AskAsync(Asking.FullReport, cancellationToken, thread);
        var end = await Asking.CancelAsync(probe, asker.Socket, cancelled, cancellationToken);
        var other = await Asking.EndAsync(asker.Socket, kept.RunId, cancellationToken);
        probe.Equal("the outcome of the run before it", "success", other.Member("event").Find("outcome")?.FindText("type"));
        await Asking.RequireNothingAfterAsync(probe, asker.Socket, cancelled, end, cancellationToken);
    }
}
