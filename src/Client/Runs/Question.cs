using System.Text.Json;
using System.Text.Json.Nodes;
using Throughline.Contracts.Agents;

namespace Throughline.Client.Runs;

/// <summary>A question to ask on a <see cref="Connection.ThreadConnection"/>.</summary>
/// <param name="Text">What to ask.</param>
public sealed record Question(string Text)
{
    /// <summary>Idempotency key. Asking again with the same key and text gives the same run, uncharged.</summary>
    public string Id { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary>The thread to ask in; an unknown id makes a thread, and so does <c>null</c>.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Usage files to attach, by id.</summary>
    public IReadOnlyList<Guid> FileIds { get; init; } = [];

    /// <summary>IANA time zone in which days begin and end; <c>null</c>: UTC.</summary>
    public string? TimeZone { get; init; }

    internal RunAgentInput ToInput() => new(
        ThreadId,
        // From the key, so that the same question is the same input.
        RunId: Id,
        Messages: [new AgUiMessage($"m-{Id}", "user", JsonSerializer.SerializeToElement(Text, QuestionJson.Default.String))],
        ForwardedProps: Props());

    private JsonElement? Props()
    {
        if (FileIds.Count == 0 && TimeZone is null)
            return null;
        var props = new JsonObject();
        if (FileIds.Count > 0)
            props["fileIds"] = new JsonArray([.. FileIds.Select(id => (JsonNode)JsonValue.Create(id))]);
        if (TimeZone is not null)
            props["timeZone"] = TimeZone;
        return JsonSerializer.SerializeToElement(props, QuestionJson.Default.JsonObject);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class QuestionJson : System.Text.Json.Serialization.JsonSerializerContext;
