using Throughline.Auth.Accounts;
using Throughline.Auth.Admin;
using Throughline.Auth.ApiKeys;
using Throughline.Auth.Audit;
using Throughline.Auth.Changes;
using Throughline.Auth.Database;
using Throughline.Auth.Devices;
using Throughline.Auth.Erasure;
using Throughline.Auth.Factors;
using Throughline.Auth.Mail;
using Throughline.Auth.Passkeys;
using Throughline.Auth.Proof;
using Throughline.Auth.Retention;
using Throughline.Auth.Sessions;
using Throughline.Auth.SigningKeys;
using Throughline.Auth.Tokens;
using Throughline.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("auth");
builder.Logging.AddQuietLibraries();
builder.Services
    .AddDatabase(builder.Configuration)
    .AddSigningKeys()
    .AddAudit()
    .AddAccounts()
    .AddMail()
    .AddAdmin()
    .AddProof()
    .AddSessions()
    .AddFactors()
    .AddPasskeys()
    .AddDevices()
    .AddTokens()
    .AddApiKeys()
    .AddChanges()
    .AddErasure()
    .AddRetention()
    .AddFrontendProof();

var app = builder.Build();
app.MapServiceDefaults();
app.UseFrontendProof();
app.UseMiddleware<AuditedRefusals>();
app.UseNoStore();
app.UseAuthentication();
app.UseAuthorization();
app.UseApiKeyScopes(ApiKeyAccess.Of);
app.MapAccounts();
app.MapAdmin();
app.MapProof();
app.MapActivity();
app.MapSessions();
app.MapFactors();
app.MapPasskeys();
app.MapDevices();
app.MapTokens();
app.MapSigningKeys();
app.MapApiKeys();
app.MapChanges();
app.MapOperatorAudit();
app.MapErasure();
return await app.RunServiceAsync();
