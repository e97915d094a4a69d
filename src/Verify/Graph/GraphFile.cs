using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Throughline.Verify;

/// <summary>Reads the graph: the one that is built in, or members of it replaced by <c>settings/verify.json</c> of the state folder.</summary>
public static class GraphFile
{
    public const string Name = "verify.json";

    /// <summary>The graph that is built in.</summary>
    public static ProofGraph BuiltIn() => Parse(Resources.Text("graph.json"), "the built-in graph");

    /// <summary>The JSON schema of the file.</summary>
    public static string SchemaText => Resources.Text("graph.schema.json");

    /// <param name="stateRoot">Null where there is no state folder.</param>
    /// <exception cref="GraphException">The file cannot be read, or contradicts itself.</exception>
    public static ProofGraph Load(string? stateRoot)
    {
        var path = stateRoot is null ? null : Path.Combine(stateRoot, "settings", Name);
        if (path is null || !File.Exists(path)) return BuiltIn();
        try
        {
            var whole = JsonNode.Parse(Resources.Text("graph.json"))!.AsObject();
            foreach (var (member, value) in JsonNode.Parse(File.ReadAllText(path))!.AsObject())
                whole[member] = value?.DeepClone();
            return Parse(whole.ToJsonString(), path);
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            throw new GraphException($"{path} is no graph: {e.Message}");
        }
    }

    /// <exception cref="GraphException">It contradicts itself; the message says where.</exception>
    public static ProofGraph Parse(string json, string origin)
    {
        try
        {
            var graph = JsonSerializer.Deserialize(json, GraphJson.Default.ProofGraph) ?? throw new GraphException($"{origin} is empty.");
            Check(graph);
            return graph;
        }
        catch (JsonException e)
        {
            throw new GraphException($"{origin} is no graph: {e.Message}");
        }
    }

    private static void Check(ProofGraph graph)
    {
        _ = TopologicalOrder.Of([.. graph.Steps.Select(s => (s.Id, s.Needs))]);
        _ = graph.StartOrder;
        RequireUnique("step", graph.Steps.Select(s => s.Id));
        RequireUnique("check", graph.Checks.Select(c => c.Id));
        RequireUnique("check number", graph.Checks.Select(c => c.Number.ToString(CultureInfo.InvariantCulture)));
        RequireUnique("revenue stream", graph.Revenue.Streams.Select(s => s.Id));
        if (graph.Messages.Free < 1 || graph.Messages.Ascending.Zip(graph.Messages.Ascending.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new GraphException($"The messages of the tiers, {string.Join(", ", graph.Messages.Ascending)}, do not grow from free to enterprise.");
        var steps = graph.Steps.Select(s => s.Id).ToHashSet();
        foreach (var (who, need) in graph.Checks.SelectMany(c => c.Needs.Select(n => (c.Id, n))).Concat(graph.Revenue.Streams.SelectMany(s => s.Needs.Select(n => (s.Id, n)))))
            if (!steps.Contains(need)) throw new GraphException($"'{who}' needs the step '{need}', which is not declared.");
        foreach (var stream in graph.Revenue.Streams)
            if (!decimal.TryParse(stream.Monthly, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var monthly) || decimal.Round(monthly, 2) != monthly)
                throw new GraphException($"The amount of '{stream.Id}', '{stream.Monthly}', is not a number of dollars and cents.");
    }

    private static void RequireUnique(string what, IEnumerable<string> ids)
    {
        var seen = new HashSet<string>();
        foreach (var id in ids)
            if (!seen.Add(id)) throw new GraphException($"The {what} '{id}' is declared twice.");
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ProofGraph))]
internal sealed partial class GraphJson : JsonSerializerContext;
