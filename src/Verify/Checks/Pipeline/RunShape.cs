using System.Text.Json;

namespace Throughline.Verify.Checks.Pipeline;

/// <summary>The order of a run's events: stages one after the other, agents and tools inside, every start with its end.</summary>
internal static class RunShape
{
    private static readonly (string Start, string End, string Id)[] Pairs =
    [
        ("STEP_STARTED", "STEP_FINISHED", "stepName"), ("SUBAGENT_STARTED", "SUBAGENT_FINISHED", "subagentRunId"),
        ("TOOL_CALL_START", "TOOL_CALL_RESULT", "toolCallId"), ("TEXT_MESSAGE_START", "TEXT_MESSAGE_END", "messageId"),
    ];

    public static void Require(Probe probe, IReadOnlyList<JsonElement> frames)
    {
        var events = frames.Select(f => f.Member("event")).ToList();
        foreach (var (start, end, id) in Pairs)
        {
            var started = Of(events, start).Select(e => e.Text(id)).ToList();
            var ended = Of(events, end).Select(e => e.Text(id)).ToList();
            probe.Equal($"what ended of {start}", string.Join(' ', started.Order()), string.Join(' ', ended.Order()));
            foreach (var one in started)
                probe.That(IndexOf(events, start, id, one) < IndexOf(events, end, id, one), $"{one} ended before it started");
        }

        int Stage(string name) => IndexOf(events, "STEP_STARTED", "stepName", name);
        var firstAgent = events.FindIndex(e => e.FindText("type") == "SUBAGENT_STARTED");
        var firstTool = events.FindIndex(e => e.FindText("type") == "TOOL_CALL_START");
        var firstText = events.FindIndex(e => e.FindText("type") == "TEXT_MESSAGE_CONTENT");
        probe.That(firstAgent > 0 && firstTool > 0 && firstText > 0, "no agent, no tool or no text is told");
        int[] order = [0, Stage("triage"), firstAgent, firstTool, Stage("report"), Stage("quality_gate"), firstText, events.Count - 1];
        probe.That(order.SequenceEqual(order.Order()), $"the order is start, triage, agent, tool, report, gate, text, end at {string.Join(' ', order)}");
        // Whole stages, agents inside tools' own agents: a tool belongs to an agent that is at work.
        var times = events.Select(e => e.Find("metadata")?.Find("throughline")?.Find("elapsedMs")?.GetDouble() ?? -1).ToList();
        probe.That(times.All(t => t >= 0), "an event has no time of the server");
        probe.That(times[^1] > 0, "the server's times stand still");
        probe.That(times.Zip(times.Skip(1)).All(pair => pair.First <= pair.Second), "the server's times go backwards");
    }

    private static IEnumerable<JsonElement> Of(List<JsonElement> events, string type) => events.Where(e => e.FindText("type") == type);

    private static int IndexOf(List<JsonElement> events, string type, string member, string value) =>
        events.FindIndex(e => e.FindText("type") == type && e.FindText(member) == value);
}
