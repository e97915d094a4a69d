using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.Verify.Reports;

/// <summary>Everything, for programs; <c>report.schema.json</c> is its schema.</summary>
public sealed class JsonReport : IReportWriter
{
    public string Name => "json";

    public string FileName => "verify.json";

    public static string Schema => Resources.Text("report.schema.json");

    public string Write(VerifyResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return JsonSerializer.Serialize(new Document(1, result, context.LastFailures.Values.ToList()), Json.Document) + "\n";
    }

    public static VerifyResult Read(string json) => JsonSerializer.Deserialize(json, Json.Document)!.Result;

    // For people, too: an arrow in a sentence stays an arrow.
    private static ReportJson Json { get; } = new(new JsonSerializerOptions(ReportJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal sealed record Document(int Version, VerifyResult Result, IReadOnlyList<SeenFailing> LastSeenToFail);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(JsonReport.Document))]
internal sealed partial class ReportJson : JsonSerializerContext;
