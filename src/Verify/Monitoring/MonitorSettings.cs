using System.Text.Json;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Monitoring;

/// <summary>Where changes of state are told: from the command line, else from <c>settings/verify.json</c> of the state folder, and from nowhere else.</summary>
/// <param name="Webhook">https, or http to this machine; null: nobody is told.</param>
/// <param name="Link">The Proof page as people reach it; null: by the frontend's own address.</param>
public sealed record MonitorSettings(Uri? Webhook, string? Link)
{
    /// <exception cref="GraphException">The file cannot be read, or an address in it will not do.</exception>
    public static MonitorSettings Load(string? stateRoot, string? webhook)
    {
        var file = Read(stateRoot);
        return new MonitorSettings((webhook ?? TextOf(file, "webhook")) is { } address ? AddressOf(address) : null, TextOf(file, "link"));
    }

    /// <exception cref="GraphException">It is no address that may be told anything.</exception>
    public static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? address
            : throw new GraphException($"'{text}' is no address for a webhook: it is https, or http to this machine.");

    private static string? TextOf(JsonObject? file, string member) => file?[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static JsonObject? Read(string? stateRoot)
    {
        var path = stateRoot is null ? null : Path.Combine(stateRoot, "settings", GraphFile.Name);
        if (path is null || !File.Exists(path)) return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new GraphException($"{path} cannot be read: {e.Message}");
        }
    }
}
