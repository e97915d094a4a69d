using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

internal static class DatabaseServices
{
    public static IServiceCollection AddBackendDatabase(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateOnStart();
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        services.AddSingleton<BackendDatabase>();
        services.AddSingleton<Migrations>();
        services.AddSingleton<IDependencyProbe, DatabaseProbe>();
        services.AddHostedService<DatabaseStart>();
        services.AddSingleton<ICompositionProbe, MigrationProbe>();
        return services;
    }
}
