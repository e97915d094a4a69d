namespace Throughline.Testing.Telemetry;

/// <summary>A span as a service exported it. Ids are hexadecimal; the parent of a span that begins its trace is empty.</summary>
/// <param name="Instance">Which process of the service.</param>
/// <param name="Links">Spans of other traces that it points to.</param>
public sealed record CollectedSpan(
    string Service, string Instance, string TraceId, string SpanId, string ParentId, string Name,
    IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Links, bool IsError)
{
    /// <summary>Reads a body of <c>POST /v1/traces</c>.</summary>
    /// <remarks>Field numbers: <see href="https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto"/>.</remarks>
    internal static IEnumerable<CollectedSpan> ReadAll(byte[] request) =>
        from resource in ProtobufField.ReadAll(request).Where(f => f.Number == 1)
        let attributes = TagsOf(resource.Message.Where(f => f.Number == 1).SelectMany(f => f.Message).Where(f => f.Number == 1))
        from scope in resource.Message.Where(f => f.Number == 2)
        from span in scope.Message.Where(f => f.Number == 2)
        select Read(attributes, [.. span.Message]);

    private static CollectedSpan Read(Dictionary<string, string> resource, List<ProtobufField> span) => new(
        resource["service.name"], resource["service.instance.id"], HexOf(span, 1), HexOf(span, 2), HexOf(span, 4), span.Single(f => f.Number == 5).Text,
        TagsOf(span.Where(f => f.Number == 9)),
        [.. span.Where(f => f.Number == 13).Select(link => link.Message.Single(f => f.Number == 2).Hex)],
        span.Where(f => f.Number == 15).SelectMany(f => f.Message).Any(f => f is { Number: 3, Value: 2 }));

    private static string HexOf(List<ProtobufField> span, int number) => span.Where(f => f.Number == number).Select(f => f.Hex).FirstOrDefault("");

    private static Dictionary<string, string> TagsOf(IEnumerable<ProtobufField> attributes) => attributes
        .Select(attribute => attribute.Message.ToDictionary(f => f.Number))
        .ToDictionary(pair => pair[1].Text, pair => pair[2].Message.Select(v => v.Number == 1 ? v.Text : $"{v.Value}").FirstOrDefault(""));
}
