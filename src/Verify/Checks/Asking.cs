using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks;

internal sealed record Started(string ThreadId, string RunId, long Seq);

/// <summary>Asks questions over a socket, and reads what comes of them.</summary>
internal static class Asking
{
    /// <summary>What takes more agents than any other question.</summary>
    public const string FullReport = "Why did spend jump, and what should we change? Write it up, by model, by feature and by user.";

    public static JsonObject Start(string question, string? threadId = null, string? runId = null, IReadOnlyList<Guid>? fileIds = null, string? id = null)
    {
        var input = new JsonObject
        {
            ["messages"] = new JsonArray(new JsonObject { ["id"] = $"m-{Guid.NewGuid():N}", ["role"] = "user", ["content"] = question }),
        };
        if (threadId is not null) input["threadId"] = threadId;
        if (runId is not null) input["runId"] = runId;
        if (fileIds is { Count: > 0 }) input["forwardedProps"] = new JsonObject { ["fileIds"] = new JsonArray([.. fileIds.Select(f => (JsonNode)f.ToString())]) };
        return new JsonObject { ["type"] = "run.start", ["id"] = id ?? Guid.CreateVersion7().ToString(), ["input"] = input };
    }

    /// <summary>Asks and returns where the answer will be.</summary>
    public static async Task<Started> AskAsync(
        ProbeSocket socket, string question, CancellationToken cancellationToken, string? threadId = null, IReadOnlyList<Guid>? fileIds = null, string? id = null)
    {
        var answer = await socket.AskAsync(Start(question, threadId, fileIds: fileIds, id: id), cancellationToken);
        if (ProbeSocket.TypeOf(answer) == "ack") return new Started(answer.Text("threadId"), answer.Text("runId"), answer.Number("seq"));
        socket.Note();
        throw new Refutation($"the question was refused with {answer.FindText("code") ?? answer.ToString()}");
    }

    public const string SequenceNumbers = "the sequence of events";

    /// <summary>The run's last event.</summary>
    public static async Task<JsonElement> EndAsync(ProbeSocket socket, string runId, CancellationToken cancellationToken)
    {
        Probe.Current?.IsLoggedAs(runId);
        try
        {
            return await socket.UntilAsync($"the end of run {runId}", f => ProbeSocket.TypeOf(f) == "event" && IsEndOf(f, runId), cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(e.Message + await WrittenLog.TellAsync(socket, runId));
        }
    }

    /// <param name="logged">A frame with an event, or an entry of a log.</param>
    public static bool IsEndOf(JsonElement logged, string runId) => logged.Find("event")?.FindText("type") is "RUN_FINISHED" or "RUN_ERROR" && ProbeSocket.RunOf(logged) == runId;

    /// <summary>Cancels a run, which has to end as cancelled.</summary>
    /// <returns>Its last event.</returns>
    public static async Task<JsonElement> CancelAsync(Probe probe, ProbeSocket socket, Started run, CancellationToken cancellationToken)
    {
        var answer = await socket.AskAsync(new JsonObject { ["type"] = "run.cancel", ["runId"] = run.RunId }, cancellationToken);
        probe.That(ProbeSocket.TypeOf(answer) == "ack", $"run.cancel was answered with {answer.FindText("code")}");
        var end = await EndAsync(socket, run.RunId, cancellationToken);
        probe.Equal("the outcome of the cancelled run", "cancelled", end.Member("event").Find("outcome")?.FindText("type"));
        return end;
    }

    /// <summary>A question more in its thread, answered whole: whatever was still under way of the run has come by then.</summary>
    public static async Task RequireNothingAfterAsync(Probe probe, ProbeSocket socket, Started run, JsonElement end, CancellationToken cancellationToken)
    {
        var more = await AskAsync(socket, "hello", cancellationToken, run.ThreadId);
        await EndAsync(socket, more.RunId, cancellationToken);
        var late = socket.EventsOf(run.ThreadId).Where(e => ProbeSocket.RunOf(e) == run.RunId && e.Number("seq") > end.Number("seq")).ToList();
        probe.Equal("the events of the cancelled run after its end", 0, late.Count);
    }

    /// <summary>Requires each seq after the given one once, in order.</summary>
    public static void RequireDense(Probe probe, IReadOnlyList<JsonElement> events, long after = 0) => RequireDense(probe, [.. events.Select(e => e.Number("seq"))], after);

    public static void RequireDense(Probe probe, IReadOnlyList<long> came, long after)
    {
        var due = Enumerable.Range(1, came.Count).Select(i => after + i).ToList();
        if (!came.SequenceEqual(due))
            probe.Equal(SequenceNumbers, $"{after + 1} to {after + came.Count}", SequenceGap.Of(after, came).ToString());
        probe.That(came.Count > 0, "no event came");
    }

    /// <summary>Requires each seq once, in order, from the run's start on, beginning and ending as a run does.</summary>
    public static void RequireOrder(Probe probe, IReadOnlyList<JsonElement> events, Started started)
    {
        RequireDense(probe, events, started.Seq);
        var own = events.Where(e => ProbeSocket.RunOf(e) == started.RunId).ToList();
        probe.That(own.Count > 1, "the run has no events");
        probe.Equal("the first event", "RUN_STARTED", ProbeSocket.EventTypeOf(own[0]));
        probe.Equal("the last event", "RUN_FINISHED", ProbeSocket.EventTypeOf(own[^1]));
    }
}

/// <summary>Reads a run's events.</summary>
internal static class RunEvents
{
    public const string NotFinished = "the run did not finish";

    public static JsonElement ResultOf(IReadOnlyList<JsonElement> events) =>
        events.LastOrDefault(e => ProbeSocket.EventTypeOf(e) == "RUN_FINISHED") is { ValueKind: JsonValueKind.Object } finished
            ? finished.Member("event").Member("result")
            : throw new Refutation(NotFinished);

    public static string TextOf(IReadOnlyList<JsonElement> events) =>
        string.Concat(events.Where(e => ProbeSocket.EventTypeOf(e) == "TEXT_MESSAGE_CONTENT").Select(e => e.Member("event").Text("delta")));
}
