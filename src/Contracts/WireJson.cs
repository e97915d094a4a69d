using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Discovery;
using Throughline.Contracts.Facts;
using Throughline.Contracts.Files;
using Throughline.Contracts.Problems;
using Throughline.Contracts.Threads;

namespace Throughline.Contracts;

/// <summary>How every wire type is written: camelCase, absent instead of null. Serves services and clients alike.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(AccountPatch))]
[JsonSerializable(typeof(AgUiEvent))]
[JsonSerializable(typeof(BrowserSession))]
[JsonSerializable(typeof(ChartActivity))]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(CreateThread))]
[JsonSerializable(typeof(DiscoveryRecord))]
[JsonSerializable(typeof(Fact))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(LimitReport))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(Page<AgUiMessage>))]
[JsonSerializable(typeof(Page<BreakerState>))]
[JsonSerializable(typeof(Page<DeviceSession>))]
[JsonSerializable(typeof(Page<LoggedEvent>))]
[JsonSerializable(typeof(Page<RunSummary>))]
[JsonSerializable(typeof(Page<ThreadSummary>))]
[JsonSerializable(typeof(Page<UsageFile>))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(RenameThread))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(RunAgentInput))]
[JsonSerializable(typeof(ServerFrame))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(SignUpResponse))]
[JsonSerializable(typeof(TableActivity))]
[JsonSerializable(typeof(ToolResultContent))]
[JsonSerializable(typeof(UserChanges))]
[JsonSerializable(typeof(WebSocketTicket))]
public sealed partial class WireJson : JsonSerializerContext;
