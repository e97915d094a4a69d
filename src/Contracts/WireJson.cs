using System.Text.Json;
using System.Text.Json.Serialization;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Actions;
using Throughline.Contracts.Agents;
using Throughline.Contracts.Discovery;
using Throughline.Contracts.Facts;
using Throughline.Contracts.Files;
using Throughline.Contracts.Problems;
using Throughline.Contracts.Proof;
using Throughline.Contracts.Threads;

namespace Throughline.Contracts;

/// <summary>How every wire type is written: camelCase, absent instead of null. Serves services and clients alike.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(AccountFactors))]
[JsonSerializable(typeof(AccountPatch))]
[JsonSerializable(typeof(AdminUser))]
[JsonSerializable(typeof(AdminUserPatch))]
[JsonSerializable(typeof(AgUiEvent))]
[JsonSerializable(typeof(AuditRecord))]
[JsonSerializable(typeof(BrowserSession))]
[JsonSerializable(typeof(ChartActivity))]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(CreateThread))]
[JsonSerializable(typeof(CreatedApiKey))]
[JsonSerializable(typeof(DeviceDecision))]
[JsonSerializable(typeof(DiscoveryRecord))]
[JsonSerializable(typeof(DocumentActivity))]
[JsonSerializable(typeof(EmailVerification))]
[JsonSerializable(typeof(ErasureReceipt))]
[JsonSerializable(typeof(ErasureReport))]
[JsonSerializable(typeof(ExchangedApiKey))]
[JsonSerializable(typeof(Fact))]
[JsonSerializable(typeof(ForgotPassword))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(LimitReport))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(Page<AdminUser>))]
[JsonSerializable(typeof(Page<AgUiMessage>))]
[JsonSerializable(typeof(Page<Alert>))]
[JsonSerializable(typeof(Page<ApiKeySummary>))]
[JsonSerializable(typeof(Page<AuditRecord>))]
[JsonSerializable(typeof(Page<BreakerState>))]
[JsonSerializable(typeof(Page<Budget>))]
[JsonSerializable(typeof(Page<DeviceSession>))]
[JsonSerializable(typeof(Page<Document>))]
[JsonSerializable(typeof(Page<LoggedEvent>))]
[JsonSerializable(typeof(Page<RunSummary>))]
[JsonSerializable(typeof(Page<ThreadSummary>))]
[JsonSerializable(typeof(Page<UsageFile>))]
[JsonSerializable(typeof(PasskeyAnswer))]
[JsonSerializable(typeof(PasskeyChallenge))]
[JsonSerializable(typeof(PasskeySummary))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(PasswordProof))]
[JsonSerializable(typeof(PasswordReset))]
[JsonSerializable(typeof(PresentedApiKey))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ProofChange))]
[JsonSerializable(typeof(ProofDocument))]
[JsonSerializable(typeof(ProofLine))]
[JsonSerializable(typeof(ProofOverview))]
[JsonSerializable(typeof(ReconcileLine))]
[JsonSerializable(typeof(RecoveryCodes))]
[JsonSerializable(typeof(RenameThread))]
[JsonSerializable(typeof(RunAgentInput))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(SeenUser))]
[JsonSerializable(typeof(ServerFrame))]
[JsonSerializable(typeof(SignInOptions))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(SignUpResponse))]
[JsonSerializable(typeof(SigningChallenge))]
[JsonSerializable(typeof(SigningKeyList))]
[JsonSerializable(typeof(SigningProof))]
[JsonSerializable(typeof(TableActivity))]
[JsonSerializable(typeof(ToolResultContent))]
[JsonSerializable(typeof(TotpCode))]
[JsonSerializable(typeof(TotpRemoval))]
[JsonSerializable(typeof(TotpSetup))]
[JsonSerializable(typeof(UserChanges))]
[JsonSerializable(typeof(UserStates))]
[JsonSerializable(typeof(WaitingDevice))]
[JsonSerializable(typeof(WebSocketTicket))]
public sealed partial class WireJson : JsonSerializerContext;
