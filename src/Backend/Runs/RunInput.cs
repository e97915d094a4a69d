using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Runs;

/// <summary>What a client's <c>RunAgentInput</c> asks, once it is known to be sound.</summary>
/// <param name="Normal">With ids, and with the last user message alone: earlier ones are in the log already.</param>
/// <param name="Hash">Of the input as sent, so that a repeat is told from a reuse.</param>
internal sealed record RunInput(RunAgentInput Normal, string Question, IReadOnlyList<Guid> FileIds, string Hash)
{
    public const int MaxQuestionLength = 32_000;
    public const int MaxMessages = 1_000;

    private static readonly JsonElement EmptyList = JsonSerializer.SerializeToElement(Array.Empty<int>());
    private static readonly JsonElement EmptyObject = JsonSerializer.SerializeToElement(new Dictionary<string, int>());

    /// <summary>Checks the input; gives it ids where it has none.</summary>
    /// <param name="problem">A code of protocol §4 and what is wrong, where the answer is null.</param>
    public static RunInput? TryRead(RunAgentInput sent, out InputProblem? problem)
    {
        problem = Check(sent) ?? CheckMessages(sent.Messages ?? []);
        if (problem is not null) return null;
        var message = sent.Messages!.Last(m => m.Role == "user");
        var question = TextOf(message.Content);
        if (!TryReadFileIds(sent.ForwardedProps, out var files)) problem = new("invalid_field", "input.forwardedProps.fileIds is not a list of file ids.");
        else if (!TryReadTimeZone(sent.ForwardedProps)) problem = new("invalid_field", "input.forwardedProps.timeZone is not a time zone's IANA name.");
        if (problem is not null) return null;

        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(sent, WireJson.Default.RunAgentInput)));
        return new RunInput(Normalize(sent, message), question, files, hash);
    }

    public static TimeZoneInfo TimeZoneOf(RunAgentInput input) =>
        input.ForwardedProps is { ValueKind: JsonValueKind.Object } props && props.TryGetProperty("timeZone", out var zone)
        && TimeZoneInfo.TryFindSystemTimeZoneById(zone.GetString() ?? "UTC", out var found) ? found : TimeZoneInfo.Utc;

    public static string QuestionOf(RunAgentInput input) => TextOf(input.Messages!.Last(m => m.Role == "user").Content);

    public static IReadOnlyList<Guid> FileIdsOf(RunAgentInput input) => TryReadFileIds(input.ForwardedProps, out var ids) ? ids : [];

    /// <summary>Text of a message's content: a string, or the text parts of a list.</summary>
    public static string TextOf(JsonElement? content) => content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Join('\n', parts.EnumerateArray().Select(TextOfPart).Where(t => t.Length > 0)),
        _ => "",
    };

    private static string TextOfPart(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";

    private static InputProblem? Check(RunAgentInput sent)
    {
        if (sent.ThreadId is { } thread && !IsId(thread)) return new("invalid_field", "input.threadId must have 1 to 128 characters.");
        if (sent.RunId is { } run && !IsId(run)) return new("invalid_field", "input.runId must have 1 to 128 characters.");
        if (sent.Resume is { Count: > 0 }) return new("interrupt_not_pending", "No run of this thread waits for an answer.");
        return null;
    }

    public static bool IsId(string id) => id.Length is > 0 and <= Threads.ThreadKey.MaxIdLength && !id.Any(char.IsControl);

    private static InputProblem? CheckMessages(IReadOnlyList<AgUiMessage> messages)
    {
        if (messages.Count > MaxMessages) return new("too_many_messages", $"At most {MaxMessages} messages; only the last user message is read.");
        var last = messages.LastOrDefault(m => m?.Role == "user");
        var text = TextOf(last?.Content);
        if (string.IsNullOrWhiteSpace(text)) return new("empty_message", "There is no user message with text.");
        return text.Length > MaxQuestionLength
            ? new("message_too_long", $"The message has {text.Length} characters; {MaxQuestionLength} are the most.")
            : null;
    }

    private static RunAgentInput Normalize(RunAgentInput sent, AgUiMessage message) => sent with
    {
        ThreadId = sent.ThreadId ?? Guid.CreateVersion7().ToString(),
        RunId = sent.RunId ?? Guid.CreateVersion7().ToString(),
        Messages = [message with { Id = string.IsNullOrEmpty(message.Id) ? Guid.CreateVersion7().ToString() : message.Id }],
        State = OrEmpty(sent.State, JsonValueKind.Undefined, EmptyObject),
        Tools = OrEmpty(sent.Tools, JsonValueKind.Array, EmptyList),
        Context = OrEmpty(sent.Context, JsonValueKind.Array, EmptyList),
        ForwardedProps = OrEmpty(sent.ForwardedProps, JsonValueKind.Object, EmptyObject),
    };

    private static JsonElement OrEmpty(JsonElement? sent, JsonValueKind due, JsonElement empty) =>
        sent is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } value && (due == JsonValueKind.Undefined || value.ValueKind == due) ? value : empty;

    private static bool TryReadFileIds(JsonElement? props, out IReadOnlyList<Guid> ids)
    {
        ids = [];
        if (props is not { ValueKind: JsonValueKind.Object } || !props.Value.TryGetProperty("fileIds", out var list) || list.ValueKind == JsonValueKind.Null) return true;
        if (list.ValueKind != JsonValueKind.Array) return false;
        var read = new List<Guid>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !Guid.TryParse(item.GetString(), out var id)) return false;
            read.Add(id);
        }

        ids = read;
        return read.Count <= 20;
    }

    private static bool TryReadTimeZone(JsonElement? props) =>
        props is not { ValueKind: JsonValueKind.Object } || !props.Value.TryGetProperty("timeZone", out var zone)
        || zone.ValueKind is JsonValueKind.Null
        || (zone.ValueKind is JsonValueKind.String && TimeZoneInfo.TryFindSystemTimeZoneById(zone.GetString()!, out _));
}

internal sealed record InputProblem(string Code, string Message);
