using System.Text.Json;
using System.Text.Json.Serialization;

namespace Throughline.Backend.Runs;

/// <summary>What runs keep beside the wire's own shapes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunOutcomeRecord))]
internal sealed partial class RunJson : JsonSerializerContext;
