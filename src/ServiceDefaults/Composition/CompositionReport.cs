using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.ServiceDefaults;

/// <summary>What <c>--check</c> of a service prints.</summary>
/// <param name="Ok">Whether every item is.</param>
public sealed record CompositionReport(string Service, string Version, bool Ok, double ElapsedMs, IReadOnlyList<CompositionItem> Items)
{
    public static CompositionReport? Parse(string json) => JsonSerializer.Deserialize(json, CompositionJson.Default.CompositionReport);

    internal string ToJson() => JsonSerializer.Serialize(this, CompositionJson.Default.CompositionReport);
}

/// <param name="Name"><c>container</c>, <c>options</c>, <c>endpoints</c>, <c>routes</c>, <c>hosted_services</c>, <c>wire</c>, or the name of a probe of the service's own.</param>
/// <param name="Count">How many things were looked at.</param>
/// <param name="Faults">What is wrong, a sentence each.</param>
public sealed record CompositionItem(string Name, int Count, IReadOnlyList<string> Faults)
{
    public bool Ok => Faults.Count == 0 && Count > 0;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CompositionReport))]
internal sealed partial class CompositionJson : JsonSerializerContext;
