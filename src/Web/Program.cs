using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using MudBlazor.Services;
using Throughline.Client;
using Throughline.Client.Accounts;
using Throughline.Client.Api;
using Throughline.Web.Figures;
using Throughline.Web.Files;
using Throughline.Web.Shell;
using Throughline.Web.SignIn;
using Throughline.Web.Threads;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");
builder.RootComponents.Add<HeadOutlet>("head::after");

var services = builder.Services;
services.AddMudServices();
services.AddSingleton(TimeProvider.System);
services.AddSingleton(ThroughlineHttp.Create(new Uri(builder.HostEnvironment.BaseAddress)));
services.AddSingleton<BrowserSessionClient>();
services.AddSingleton<Throughline.Client.Tokens.IAccessTokenSource>(provider => provider.GetRequiredService<BrowserSessionClient>());
services.AddSingleton<ThroughlineClient>();
services.AddSingleton<AccountClient>();
services.AddSingleton<FactorClient>();
services.AddSingleton<ApiKeyClient>();
services.AddSingleton<DeviceApprovalClient>();
services.AddSingleton<AdminClient>();
services.AddSingleton<Browser>();
services.AddSingleton<Toasts>();
services.AddSingleton<FigureBoard>();
services.AddSingleton<FactLibrary>();
services.AddSingleton<SignedInUser>();
services.AddSingleton<ServerOptions>();
services.AddSingleton<Passkeys>();
services.AddSingleton<LiveLine>();
services.AddSingleton<ThreadList>();
services.AddSingleton<Drafts>();
services.AddSingleton<Shortcuts>();
services.AddSingleton<FileShelf>();

var host = builder.Build();
// Before the first page renders: who is signed in decides which page that is.
await host.Services.GetRequiredService<Browser>().StartAsync();
await host.Services.GetRequiredService<SignedInUser>().RestoreAsync(CancellationToken.None);
await host.RunAsync();
