using System.Text;
using System.Text.Json;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Threads;

/// <summary>Reads a thread's log as messages in AG-UI's shape: what was asked, said, called and shown.</summary>
internal sealed class MessageFold
{
    private readonly List<Draft> _drafts = [];
    private readonly Dictionary<string, Draft> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ToolCall> _calls = new(StringComparer.Ordinal);

    public void Add(AgUiEvent @event)
    {
        switch (@event)
        {
            case RunStarted { Input.Messages: [.., var message] }: Insert(new Draft(message.Id, "user") { Content = message.Content }); break;
            case TextMessageStart start: Insert(new Draft(start.MessageId, start.Role) { Text = new StringBuilder() }); break;
            case TextMessageContent content: _byId.GetValueOrDefault(content.MessageId)?.Text?.Append(content.Delta); break;
            case ToolCallStart start: AddCall(start); break;
            case ToolCallArgs args: _calls.GetValueOrDefault(args.ToolCallId)?.Arguments.Append(args.Delta); break;
            case ToolCallResult result:
                Insert(new Draft(result.MessageId, "tool") { Content = Json(result.Content), ToolCallId = result.ToolCallId });
                break;
            case ActivitySnapshot activity: Insert(new Draft(activity.MessageId, "activity") { Content = activity.Content, ActivityType = activity.ActivityType }); break;
        }
    }

    public IReadOnlyList<AgUiMessage> Messages => [.. _drafts.Select(d => d.ToMessage())];

    /// <summary>A call belongs to the message it names; without one it makes a message of its own, as AG-UI clients do.</summary>
    private void AddCall(ToolCallStart start)
    {
        var owner = start.ParentMessageId is { } parent && _byId.TryGetValue(parent, out var known) && known.Role == "assistant"
            ? known
            : Insert(new Draft(start.ParentMessageId ?? start.ToolCallId, "assistant"));
        var call = new ToolCall(start.ToolCallId, start.ToolCallName);
        owner.Calls.Add(call);
        _calls[start.ToolCallId] = call;
    }

    private Draft Insert(Draft draft)
    {
        if (_byId.TryGetValue(draft.Id, out var before))
        {
            _drafts[_drafts.IndexOf(before)] = draft; // said again: a snapshot that replaces, a message that goes on
            draft.Calls.AddRange(before.Calls);
        }
        else
        {
            _drafts.Add(draft);
        }

        return _byId[draft.Id] = draft;
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);

    private sealed record ToolCall(string Id, string Name)
    {
        public StringBuilder Arguments { get; } = new();
    }

    private sealed class Draft(string id, string role)
    {
        public string Id => id;

        public string Role => role;

        public StringBuilder? Text { get; init; }

        public JsonElement? Content { get; init; }

        public string? ToolCallId { get; init; }

        public string? ActivityType { get; init; }

        public List<ToolCall> Calls { get; } = [];

        public AgUiMessage ToMessage() => new(
            id, role, Text is null ? Content : Json(Text.ToString()), null, Calls.Count == 0 ? null : CallsJson(), ToolCallId, ActivityType);

        private JsonElement CallsJson() => JsonSerializer.SerializeToElement(Calls.Select(call => new Dictionary<string, object>
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new Dictionary<string, string> { ["name"] = call.Name, ["arguments"] = call.Arguments.ToString() },
        }));
    }
}
