using System.Text;
using System.Text.Json;
using Throughline.Analysis.Import.Formats;
using Throughline.Analysis.Import.Rows;

namespace Throughline.Analysis.Import.Shapes;

/// <summary>Finds the usage rows inside one JSON object: itself, a bucket's results, or a batch of spans.</summary>
internal sealed class JsonRecords
{
    private static readonly string[] SpanLists = ["resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "spans"];
    private readonly StringPool _pool = new();
    private readonly RawRecord _raw = new();

    /// <summary>Names of all values of an object, for recognising the format.</summary>
    public static void CollectNames(JsonElement element, ISet<string> names) =>
        Walk(element, new Dictionary<string, JsonElement>(), values => names.UnionWith(values.Keys), 0);

    /// <summary>Hands every row of the object on. Rows without any known value are no usage, and no fault.</summary>
    public void Read(ReadOnlySpan<byte> json, long line, SourceColumns columns, Action<RawRecord> accept, Func<long>? number = null)
    {
        var probe = new Utf8JsonReader(json);
        if (IsFlat(ref probe))
        {
            _raw.Clear();
            _raw.Line = line;
            Flatten(json, columns);
            accept(_raw);
            return;
        }

        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        Walk(document.RootElement, [], values =>
        {
            _raw.Clear();
            _raw.Line = number?.Invoke() ?? line;
            foreach (var (name, value) in values)
            {
                Set(name, value, columns);
            }

            accept(_raw);
        }, 0);
    }

    /// <summary>Whether the object is itself a row, as in nearly all files: no list of results or spans on its first level.</summary>
    private static bool IsFlat(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isList = reader.ValueTextEquals("results"u8) || reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("attributes"u8)
                || SpanListOf(ref reader);
            reader.Read();
            if (isList && reader.TokenType == JsonTokenType.StartArray)
            {
                return false;
            }

            reader.Skip();
        }

        return true;
    }

    private static bool SpanListOf(ref Utf8JsonReader reader)
    {
        foreach (var name in SpanLists)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private void Flatten(ReadOnlySpan<byte> json, SourceColumns columns)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        FlattenObject(ref reader, json, "", columns);
    }

    private void FlattenObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string prefix, SourceColumns columns)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var own = reader.ValueIsEscaped ? reader.GetString()! : _pool.TryGet(reader.ValueSpan) ?? reader.GetString()!;
            var name = prefix.Length == 0 ? own : prefix + own;
            var meaning = columns.MeaningOf(name);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && meaning is null)
            {
                FlattenObject(ref reader, json, name + ".", columns);
            }
            else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (meaning is { } whole)
                {
                    SetContainer(whole, name, json[start..(int)reader.BytesConsumed]);
                }
            }
            else if (meaning is { } found && reader.TokenType != JsonTokenType.Null)
            {
                _raw.Set(found.Field, found.Rank, name, reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped
                    ? Encoding.UTF8.GetBytes(reader.GetString()!)
                    : reader.ValueSpan);
            }
        }
    }

    /// <summary>An object where a text is expected: tags become a list of words, the rest stays JSON.</summary>
    private void SetContainer((UsageField Field, int Rank) meaning, string name, ReadOnlySpan<byte> json)
    {
        if (meaning.Field == UsageField.Feature)
        {
            var reader = new Utf8JsonReader(json);
            using var tags = JsonDocument.ParseValue(ref reader);
            var words = tags.RootElement.ValueKind == JsonValueKind.Array
                ? string.Join(", ", tags.RootElement.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()))
                : "";
            _raw.Set(meaning.Field, meaning.Rank, name, Encoding.UTF8.GetBytes(words));
        }
        else if (meaning.Field is UsageField.UsageObject or UsageField.LiteLlmMetadata or UsageField.Prompt or UsageField.Error)
        {
            _raw.Set(meaning.Field, meaning.Rank, name, json);
        }
    }

    private void Set(string name, JsonElement value, SourceColumns columns)
    {
        if (columns.MeaningOf(name) is not { } meaning)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _raw.Set(meaning.Field, meaning.Rank, name, Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                _raw.Set(meaning.Field, meaning.Rank, name, Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
            case JsonValueKind.Object or JsonValueKind.Array:
                SetContainer(meaning, name, Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
            default:
                break;
        }
    }

    /// <summary>What a bucket, a resource or a scope says holds for every row within.</summary>
    private static void Walk(JsonElement element, Dictionary<string, JsonElement> outer, Action<Dictionary<string, JsonElement>> row, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object || depth > 8)
        {
            return;
        }

        var values = new Dictionary<string, JsonElement>(outer);
        JsonElement list = default;
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Array && (property.Name is "results" or "data" || SpanLists.Contains(property.Name)))
            {
                list = property.Value;
            }
            else if (property.NameEquals("attributes") && property.Value.ValueKind == JsonValueKind.Array)
            {
                OtlpAttributes.Add(property.Value, values);
            }
            else if (property.Value.ValueKind == JsonValueKind.Object && property.Name is "resource" or "scope")
            {
                if (property.Value.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Array)
                {
                    OtlpAttributes.Add(attributes, values);
                }
            }
            else
            {
                AddFlat(property.Name, property.Value, values, 0);
            }
        }

        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in list.EnumerateArray())
            {
                Walk(item, values, row, depth + 1);
            }
        }
        else if (!values.ContainsKey("spanId") || OtlpAttributes.IsModelCall(values))
        {
            row(values);
        }
    }

    private static void AddFlat(string name, JsonElement value, Dictionary<string, JsonElement> values, int depth)
    {
        values[name] = value;
        if (value.ValueKind == JsonValueKind.Object && depth < 8)
        {
            foreach (var inner in value.EnumerateObject())
            {
                AddFlat($"{name}.{inner.Name}", inner.Value, values, depth + 1);
            }
        }
    }
}
