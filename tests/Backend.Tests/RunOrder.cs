using System.Text.Json;

namespace Throughline.Backend.Tests;

/// <summary>AG-UI's rules of order, written from its specification: what a client may rely on in any log.</summary>
internal static class RunOrder
{
    /// <returns>The first thing out of order; null where all is well.</returns>
    public static string? FirstFault(IEnumerable<JsonElement> events)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        var subagents = new HashSet<string>(StringComparer.Ordinal);
        var isActive = false;
        foreach (var e in events)
        {
            var type = e.GetProperty("type").GetString()!;
            if (HasNull(e)) return $"{type} has a null member";
            if (!isActive && type != "RUN_STARTED") return $"{type} outside a run";
            var fault = type switch
            {
                "RUN_STARTED" => isActive ? "RUN_STARTED in an active run" : null,
                "RUN_FINISHED" => open.Count > 0 ? $"RUN_FINISHED while {open.First()} is open" : null,
                "TEXT_MESSAGE_START" => Open(open, "message", e, "messageId"),
                "TEXT_MESSAGE_CONTENT" => IsOpen(open, "message", e, "messageId"),
                "TEXT_MESSAGE_END" => Close(open, "message", e, "messageId"),
                "TOOL_CALL_START" => Open(open, "tool", e, "toolCallId"),
                "TOOL_CALL_ARGS" => IsOpen(open, "tool", e, "toolCallId"),
                "TOOL_CALL_END" => Close(open, "tool", e, "toolCallId"),
                "STEP_STARTED" => Open(open, "step", e, "stepName"),
                "STEP_FINISHED" => Close(open, "step", e, "stepName"),
                "SUBAGENT_STARTED" => subagents.Add(Id(e, "subagentRunId")) ? Open(open, "subagent", e, "subagentRunId") : "a subagent's id is used twice",
                "SUBAGENT_FINISHED" or "SUBAGENT_ERROR" => Close(open, "subagent", e, "subagentRunId"),
                _ => null,
            };
            if (fault is not null) return fault;
            if (type == "RUN_STARTED") isActive = true;
            if (type is "RUN_FINISHED" or "RUN_ERROR")
            {
                isActive = false;
                open.Clear();
            }
        }

        return isActive ? "the last run has no end" : null;
    }

    private static string? Open(HashSet<string> open, string kind, JsonElement e, string member) => open.Add($"{kind} {Id(e, member)}") ? null : $"{kind} {Id(e, member)} is opened twice";

    private static string? IsOpen(HashSet<string> open, string kind, JsonElement e, string member) => open.Contains($"{kind} {Id(e, member)}") ? null : $"{kind} {Id(e, member)} is not open";

    private static string? Close(HashSet<string> open, string kind, JsonElement e, string member) => open.Remove($"{kind} {Id(e, member)}") ? null : $"{kind} {Id(e, member)} is not open";

    private static string Id(JsonElement e, string member) => e.GetProperty(member).GetString()!;

    private static bool HasNull(JsonElement e) => e.EnumerateObject().Any(m => m.Value.ValueKind == JsonValueKind.Null);
}
