using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks;

/// <summary>Asks for what changes something, which waits for its owner's approval, and gives that.</summary>
internal static class Approving
{
    /// <summary>Asks, and returns the id of what waits.</summary>
    public static async Task<(string ThreadId, string InterruptId)> ProposeAsync(Probe probe, ProbeSocket socket, string wish, CancellationToken cancellationToken, IReadOnlyList<Guid>? fileIds = null)
    {
        var started = await Asking.AskAsync(socket, wish, cancellationToken, fileIds: fileIds);
        var outcome = (await Asking.EndAsync(socket, started.RunId, cancellationToken)).Member("event").Find("outcome");
        probe.Equal("the outcome of a run that would change something", "interrupt", outcome?.FindText("type"));
        return (started.ThreadId, outcome!.Value.Items("interrupts").First().Text("id"));
    }

    public static async Task ApproveAsync(Probe probe, ProbeSocket socket, (string ThreadId, string InterruptId) proposed, CancellationToken cancellationToken)
    {
        var answer = await socket.AskAsync(Answering(proposed.ThreadId, proposed.InterruptId, "resolved", new JsonObject { ["approved"] = true }), cancellationToken);
        probe.That(ProbeSocket.TypeOf(answer) == "ack", $"the approval was answered with {answer.FindText("code")}");
        await Asking.EndAsync(socket, answer.Text("runId"), cancellationToken);
    }

    public static JsonObject Answering(string threadId, string interruptId, string status, JsonObject? payload = null)
    {
        var entry = new JsonObject { ["interruptId"] = interruptId, ["status"] = status };
        if (payload is not null) entry["payload"] = payload;
        return new JsonObject { ["type"] = "run.resume", ["threadId"] = threadId, ["resume"] = new JsonArray(entry) };
    }
}
