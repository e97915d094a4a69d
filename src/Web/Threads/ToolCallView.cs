using System.Text;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Agents;

namespace Throughline.Web.Threads;

public enum ToolCallState
{
    Running,
    Done,
    Failed,
    Stopped,
}

/// <summary>One tool call: what was invoked, with what, and what it came to.</summary>
/// <param name="startedMs">Since the run began, milliseconds, by the server's clock.</param>
public sealed class ToolCallView(string id, string name, double startedMs)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, TypeInfoResolver = WireJson.Default };

    private readonly StringBuilder _arguments = new();

    public string Id { get; } = id;

    public string Name { get; } = name;

    public double StartedMs { get; } = startedMs;

    public ToolCallState State { get; private set; }

    public double ElapsedMs { get; private set; }

    public string? RawResult { get; private set; }

    /// <summary>The result in words, with figures as references.</summary>
    public string? Summary { get; private set; }

    public string? Error { get; private set; }

    /// <summary>The arguments in words: <c>workload = support-bot, days = 23</c>. Ids say nothing to people and are left out.</summary>
    public string ArgumentsInWords => Parse(_arguments.ToString()) is { ValueKind: JsonValueKind.Object } arguments
        ? string.Join(", ", arguments.EnumerateObject().Where(IsTelling).Select(member => $"{Spaced(member.Name)} = {InWords(member.Value)}"))
        : "";

    public string ArgumentsAsJson => Pretty(_arguments.ToString());

    public string ResultAsJson => Pretty(RawResult ?? "");

    internal void AddArguments(string delta) => _arguments.Append(delta);

    internal void Finish(string content, double atMs)
    {
        ElapsedMs = Math.Max(0, atMs - StartedMs);
        RawResult = content;
        var result = Read(content);
        Summary = result?.Summary;
        Error = result?.Error;
        State = Error is null ? ToolCallState.Done : ToolCallState.Failed;
    }

    internal void Stop() => State = ToolCallState.Stopped;

    private static bool IsTelling(JsonProperty member) =>
        member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object)
        && !member.Name.EndsWith("Id", StringComparison.Ordinal) && !member.Name.EndsWith("Ids", StringComparison.Ordinal)
        && member.Name is not ("file" or "files");

    private static string Spaced(string name) =>
        string.Concat(name.Select(c => char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c == '_' ? " " : c.ToString()));

    private static string InWords(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(InWords)),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.ToString(),
    };

    private static ToolResultContent? Read(string content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, WireJson.Default.ToolResultContent);
        }
        catch (JsonException)
        {
            return null; // a tool of another version: its result is shown as it came
        }
    }

    private static JsonElement? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // still streaming, or no JSON at all
        }
    }

    private static string Pretty(string text) => Parse(text) is { } json ? JsonSerializer.Serialize(json, Indented.GetTypeInfo(typeof(JsonElement))) : text;
}

internal static class ToolCallStates
{
    public static string InWords(this ToolCallState state) => state switch
    {
        ToolCallState.Running => "Running",
        ToolCallState.Done => "Done",
        ToolCallState.Failed => "Failed",
        ToolCallState.Stopped => "Stopped",
    };
}
