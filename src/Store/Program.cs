using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Throughline.ServiceDefaults;
using Throughline.Store;

var builder = Host.CreateApplicationBuilder(args);
builder.AddServiceHosting("store");
// Garnet tells its whole configuration and each page size at Information.
builder.Logging.AddFilter((category, level) =>
    level >= (category?.StartsWith("Throughline.", StringComparison.Ordinal) == true ? LogLevel.Information : LogLevel.Error));
builder.Services.AddSingleton<StoreServer>();
builder.Services.AddSingleton<IBoundAddress>(services => services.GetRequiredService<StoreServer>());
builder.Services.AddHostedService(services => services.GetRequiredService<StoreServer>());
return await builder.Build().RunServiceAsync();
