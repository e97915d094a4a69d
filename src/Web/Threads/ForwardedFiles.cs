using System.Text.Json;

namespace Throughline.Web.Threads;

/// <summary><c>forwardedProps.fileIds</c>: the files that travel with a question.</summary>
internal static class ForwardedFiles
{
    public static IReadOnlyList<Guid>? Of(JsonElement? forwardedProps)
    {
        if (forwardedProps is not { ValueKind: JsonValueKind.Object } props
            || !props.TryGetProperty("fileIds", out var ids) || ids.ValueKind != JsonValueKind.Array)
            return null;
        return [.. ids.EnumerateArray()
            .Select(id => id.ValueKind == JsonValueKind.String && id.TryGetGuid(out var parsed) ? parsed : Guid.Empty)
            .Where(id => id != Guid.Empty)];
    }
}
