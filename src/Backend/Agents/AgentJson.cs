using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Analysis.Tools;
using Throughline.Backend.Actions;
using Throughline.Backend.Agents.Models;
using Throughline.Backend.Agents.Reports;

namespace Throughline.Backend.Agents;

/// <summary>How the journal keeps what agents computed.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DataProfile))]
[JsonSerializable(typeof(ToolStep))]
[JsonSerializable(typeof(GatedAnswer))]
[JsonSerializable(typeof(ModelText))]
[JsonSerializable(typeof(UserSettings))]
internal sealed partial class AgentJson : JsonSerializerContext;
