using System.Text.Json;

namespace Throughline.Verify;

/// <summary>What came back from one HTTP request.</summary>
internal sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers, HttpExchange Exchange)
{
    private JsonElement? _json;

    public string? Code => Exchange.Code;

    public string? Header(string name) => Headers.GetValueOrDefault(name.ToLowerInvariant());

    /// <exception cref="Refutation">It is no JSON.</exception>
    public JsonElement Json
    {
        get
        {
            try
            {
                return _json ??= JsonElement.Parse(Text);
            }
            catch (JsonException)
            {
                throw new Refutation($"{Exchange.Method} {Exchange.Url} answered {Status} with no JSON");
            }
        }
    }

    /// <exception cref="Refutation">The status is another one.</exception>
    public Answer Expect(int status, string? code = null)
    {
        if (Status != status) throw new Refutation($"{Exchange.Method} {PathOf()} answered {Status}{(Code is null ? "" : $" {Code}")} instead of {status}{(code is null ? "" : $" {code}")}");
        if (code is not null && Code != code) throw new Refutation($"{Exchange.Method} {PathOf()} answered {Status} with the code {Code ?? "none"} instead of {code}");
        return this;
    }

    private string PathOf() => Uri.TryCreate(Exchange.Url, UriKind.Absolute, out var url) ? url.AbsolutePath : Exchange.Url;
}

/// <summary>Reads JSON of a service that may be broken: what is not there is a refutation, not a crash.</summary>
internal static class JsonReading
{
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : throw new Refutation($"the answer has no member {name}");

    public static JsonElement? Find(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : null;

    public static string Text(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.String } text
        ? text.GetString()!
        : throw new Refutation($"the member {name} is no text");

    public static string? FindText(this JsonElement json, string name) => json.Find(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static Guid Id(this JsonElement json, string name) =>
        Guid.TryParse(json.Text(name), out var id) ? id : throw new Refutation($"the member {name} is no id");

    public static long Number(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
        ? value
        : throw new Refutation($"the member {name} is no number");

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name = "items") => json.Member(name) is { ValueKind: JsonValueKind.Array } array
        ? array.EnumerateArray()
        : throw new Refutation($"the member {name} is no list");
}
