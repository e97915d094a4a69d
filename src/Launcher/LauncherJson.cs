using System.Text.Json.Serialization;
using Throughline.Launcher.Backup;
using Throughline.Launcher.Stack;
using Throughline.Launcher.State;
using Throughline.Launcher.Status;

namespace Throughline.Launcher;

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(StackEvent))]
[JsonSerializable(typeof(StackStatus))]
[JsonSerializable(typeof(StateDescription))]
[JsonSerializable(typeof(RunningLauncher))]
internal sealed partial class LauncherJson : JsonSerializerContext;
