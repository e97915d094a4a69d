using Throughline.Frontend;
using Throughline.Frontend.Proxy;
using Throughline.Frontend.Sessions;
using Throughline.Frontend.WebApp;
using Throughline.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddPublicOrigin();
builder.AddServiceDefaults("frontend");
builder.AddWebApp();
builder.Services
    .AddFrontendProof()
    .AddProxy()
    .AddBrowserSessions();

var app = builder.Build();
app.UseReverseProxies();
app.UseSecurityHeaders();
app.MapServiceDefaults();
app.UsePublicOrigin();
app.UseWebSockets();
app.MapBrowserSessions();
app.MapProxy();
app.MapWebApp();
return await app.RunServiceAsync();
