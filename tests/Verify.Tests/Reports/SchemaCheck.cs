using System.Text.Json;

namespace Throughline.Verify.Tests.Reports;

/// <summary>As much of JSON Schema as our own schemas use: type, required, properties, items, enum, oneOf, additionalProperties, $ref.</summary>
internal static class SchemaCheck
{
    public static void Require(JsonElement value, JsonElement schema, JsonElement root, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Require(value, root.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1]), root, path);
            return;
        }

        if (schema.TryGetProperty("enum", out var known)) Assert.True(known.EnumerateArray().Any(k => JsonElement.DeepEquals(k, value)), $"{path} is {value}");
        if (schema.TryGetProperty("type", out var type)) Assert.True(IsOf(value, type.GetString()!), $"{path} is {value.ValueKind}, not {type}");
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i))) Require(item, items, root, $"{path}[{i}]");
        if (value.ValueKind != JsonValueKind.Object) return;
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray()) Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{path} has no {name}");
        foreach (var member in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var declared)) Require(member.Value, declared, root, $"{path}.{member.Name}");
            else Assert.False(schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False, $"{path}.{member.Name} is not in the schema");
        }
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
