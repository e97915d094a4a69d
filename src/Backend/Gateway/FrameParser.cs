using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Threads;
using Throughline.Contracts.Traces;

namespace Throughline.Backend.Gateway;

/// <summary>Reads client frames: <c>{"type":"…","id":"…",…}</c>, members in any order, unknown ones ignored.</summary>
internal static class FrameParser
{
    /// <exception cref="FrameException">The frame is not one of protocol §4.</exception>
    public static ClientFrame Parse(ReadOnlyMemory<byte> json)
    {
        using var document = ParseJson(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new FrameException("invalid_json", "A frame is one JSON object.", null);

        var id = OptionalText(root, "id", null, 128);
        if (!root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String) throw new FrameException("missing_type", "The frame has no type.", id);
        return type.GetString() switch
        {
            "run.start" => new StartRun(Input(root, id), TraceparentOf(root)) { Id = id },
            "run.cancel" => new CancelRun(Text(root, "runId", id)) { Id = id },
            "run.resume" => new ResumeRun(Text(root, "threadId", id), Resume(root, id)) { Id = id },
            "thread.subscribe" => new SubscribeThread(Text(root, "threadId", id), After(root, id)) { Id = id },
            "thread.unsubscribe" => new UnsubscribeThread(Text(root, "threadId", id)) { Id = id },
            "auth.refresh" => new RefreshToken(Text(root, "token", id, 65_536)) { Id = id },
            "ping" => new Ping(root.TryGetProperty("t", out var t) && t.ValueKind != JsonValueKind.Null ? t.Clone() : null) { Id = id },
            _ => throw new FrameException("unknown_type", "The frame's type is not known.", id),
        };
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            throw new FrameException("invalid_json", "The frame is not JSON.", null);
        }
    }

    private static string Text(JsonElement root, string name, string? id, int maxLength = 128) =>
        OptionalText(root, name, id, maxLength) ?? throw new FrameException("invalid_field", $"{name} is missing.", id);

    private static string? OptionalText(JsonElement root, string name, string? id, int maxLength)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) throw new FrameException("invalid_field", $"{name} must be a string.", id);
        var text = Decode(value, name, id);
        return text.Length is 0 || text.Length > maxLength
            ? throw new FrameException("invalid_field", $"{name} must have 1 to {maxLength} characters.", id)
            : text;
    }

    /// <summary>What is no traceparent is none: a mistake in it must not cost the question.</summary>
    private static string? TraceparentOf(JsonElement root) =>
        root.TryGetProperty("traceparent", out var value) && value.ValueKind == JsonValueKind.String && Traceparent.TraceIdOf(value.GetString()) is not null ? value.GetString() : null;

    private static string Decode(JsonElement value, string name, string? id)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException) // half a surrogate pair, which JSON can spell and UTF-8 cannot
        {
            throw new FrameException("invalid_field", $"{name} is not well-formed text.", id);
        }
    }

    private static long? After(JsonElement root, string? id)
    {
        if (!root.TryGetProperty("after", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var after) && after >= 0
            ? after
            : throw new FrameException("invalid_field", "after must be a whole number from 0.", id);
    }

    private static RunAgentInput Input(JsonElement root, string? id)
    {
        if (!root.TryGetProperty("input", out var input) || input.ValueKind != JsonValueKind.Object)
            throw new FrameException("invalid_field", "input must be an object, AG-UI's RunAgentInput.", id);
        return Read(() => input.Deserialize(WireJson.Default.RunAgentInput)!, "input", id);
    }

    private static IReadOnlyList<ResumeEntry> Resume(JsonElement root, string? id)
    {
        if (!root.TryGetProperty("resume", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new FrameException("invalid_field", "resume must be a list, AG-UI's ResumeEntry[].", id);
        return Read(() => list.Deserialize(WireJson.Default.IReadOnlyListResumeEntry)!, "resume", id);
    }

    private static T Read<T>(Func<T> read, string name, string? id)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var path = e is JsonException { Path: { } inner } ? inner.Replace("$", name, StringComparison.Ordinal) : name;
            throw new FrameException("invalid_field", $"{path} is not what AG-UI says it is.", id);
        }
    }
}

/// <summary>A frame that is refused as it stands; <paramref name="code"/> is one of protocol §4's.</summary>
internal sealed class FrameException(string code, string message, string? id) : Exception(message)
{
    public string Code => code;

    public string? Id => id;
}
