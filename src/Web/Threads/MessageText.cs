using System.Text.Json;
using Throughline.Contracts.Agents;

namespace Throughline.Web.Threads;

/// <summary>A message's text: AG-UI allows a string, or parts of which the text ones count.</summary>
internal static class MessageText
{
    public static string? Of(AgUiMessage? message) => message?.Content switch
    {
        { ValueKind: JsonValueKind.String } content => content.GetString(),
        { ValueKind: JsonValueKind.Array } parts => string.Join("\n", parts.EnumerateArray().Select(TextOf).OfType<string>()),
        _ => null,
    };

    private static string? TextOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
