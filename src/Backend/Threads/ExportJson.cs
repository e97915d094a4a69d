using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.Backend.Threads;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ExportedThread))]
internal sealed partial class ExportJson : JsonSerializerContext;
