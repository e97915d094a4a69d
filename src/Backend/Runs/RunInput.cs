using System.Security.Cryptography;
using System.Text.Json;
using Throughline.Backend.Actions;
using Throughline.Backend.Threads;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Runs;

/// <summary>What a client's <c>RunAgentInput</c> asks or answers, once it is known to be sound.</summary>
/// <param name="Normal">With ids, and with the last user message alone: earlier ones are in the log already. What answers an interrupt has no message.</param>
/// <param name="Hash">Of the input as sent, so that a repeat is told from a reuse.</param>
/// <param name="WhenBusy">What shall happen where the thread has a run already.</param>
internal sealed record RunInput(RunAgentInput Normal, string Question, IReadOnlyList<Guid> FileIds, string Hash, WhenBusy WhenBusy)
{
    public const int MaxQuestionLength = 32_000;
    public const int MaxMessages = 1_000;
    private const int MaxAnswers = 20;

    /// <summary>The interrupts that are answered; none for a question.</summary>
    public IReadOnlyList<string> Answers => [.. (Normal.Resume ?? []).Select(answer => answer.InterruptId)];

    private static readonly JsonElement EmptyList = JsonSerializer.SerializeToElement(Array.Empty<int>());
    private static readonly JsonElement EmptyObject = JsonSerializer.SerializeToElement(new Dictionary<string, int>());

    /// <summary>Checks the input; gives it ids where it has none.</summary>
    /// <param name="problem">A code of protocol §4 and what is wrong, where the answer is null.</param>
    public static RunInput? TryRead(RunAgentInput sent, out InputProblem? problem)
    {
        var isAnswer = sent.Resume is { Count: > 0 };
        problem = Check(sent) ?? (isAnswer ? CheckAnswers(sent.Resume!) : CheckMessages(sent.Messages ?? []));
        if (problem is not null) return null;
        // Clients send the whole history along; an answer asks nothing.
        var message = isAnswer ? null : sent.Messages!.Last(m => m.Role == "user");
        var whenBusy = WhenBusy.Queue;
        if (!TryReadFileIds(sent.ForwardedProps, out var files)) problem = new("invalid_field", "input.forwardedProps.fileIds is not a list of file ids.");
        else if (!TryReadTimeZone(sent.ForwardedProps)) problem = new("invalid_field", "input.forwardedProps.timeZone is not a time zone's IANA name.");
        else if (!TryReadWhenBusy(sent.ForwardedProps, out whenBusy)) problem = new("invalid_field", "input.forwardedProps.whenBusy is queue, interrupt or reject.");
        if (problem is not null) return null;

        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(sent, WireJson.Default.RunAgentInput)));
        return new RunInput(Normalize(sent, message), TextOf(message?.Content), files, hash, whenBusy);
    }

    public static TimeZoneInfo TimeZoneOf(RunAgentInput input) =>
        input.ForwardedProps is { ValueKind: JsonValueKind.Object } props && props.TryGetProperty("timeZone", out var zone)
        && TimeZoneInfo.TryFindSystemTimeZoneById(zone.GetString() ?? "UTC", out var found) ? found : TimeZoneInfo.Utc;

    /// <summary>Empty for a run that answers an interrupt.</summary>
    public static string QuestionOf(RunAgentInput input) => TextOf(input.Messages?.LastOrDefault(m => m.Role == "user")?.Content);

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
        return null;
    }

    private static InputProblem? CheckAnswers(IReadOnlyList<ResumeEntry> answers)
    {
        if (answers.Count > MaxAnswers || answers.Any(a => a?.InterruptId is null || !IsId(a.InterruptId)) || answers.DistinctBy(a => a.InterruptId).Count() < answers.Count)
            return new("invalid_field", $"resume is a list of up to {MaxAnswers} answers, each to another interruptId.");
        return answers.All(a => ActionAnswer.IsApproved(a) is not null) ? null
            : new("invalid_field", "Each answer in resume has the status resolved with the payload {\"approved\": true} or {\"approved\": false}, or the status cancelled.");
    }

    public static bool IsId(string id) => id.Length is > 0 and <= ThreadKey.MaxIdLength && !id.Any(char.IsControl);

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

    private static RunAgentInput Normalize(RunAgentInput sent, AgUiMessage? message) => sent with
    {
        ThreadId = sent.ThreadId ?? Guid.CreateVersion7().ToString(),
        RunId = sent.RunId ?? Guid.CreateVersion7().ToString(),
        Messages = message is null ? [] : [message with { Id = string.IsNullOrEmpty(message.Id) ? Guid.CreateVersion7().ToString() : message.Id }],
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

    private static bool TryReadWhenBusy(JsonElement? props, out WhenBusy whenBusy)
    {
        whenBusy = WhenBusy.Queue;
        if (props is not { ValueKind: JsonValueKind.Object } || !props.Value.TryGetProperty("whenBusy", out var sent) || sent.ValueKind == JsonValueKind.Null) return true;
        (whenBusy, var isKnown) = sent.ValueKind == JsonValueKind.String ? sent.GetString() switch
        {
            "queue" => (WhenBusy.Queue, true),
            "interrupt" => (WhenBusy.Interrupt, true),
            "reject" => (WhenBusy.Reject, true),
            _ => (WhenBusy.Queue, false),
        } : (WhenBusy.Queue, false);
        return isKnown;
    }

    private static bool TryReadTimeZone(JsonElement? props) =>
        props is not { ValueKind: JsonValueKind.Object } || !props.Value.TryGetProperty("timeZone", out var zone)
        || zone.ValueKind is JsonValueKind.Null
        || (zone.ValueKind is JsonValueKind.String && TimeZoneInfo.TryFindSystemTimeZoneById(zone.GetString()!, out _));
}

internal sealed record InputProblem(string Code, string Message);
