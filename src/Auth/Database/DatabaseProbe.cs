using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

/// <summary>Reads one row, as a sign-in would. A failure that an operator can mend is told with the remedy, any other as the exception that it is.</summary>
internal sealed class DatabaseProbe(IServiceScopeFactory scopes, IOptions<DatabaseOptions> options, StateFolder state) : IDependencyProbe
{
    public string Name => "database";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            await scope.ServiceProvider.GetRequiredService<AuthDb>().SigningKeys.AsNoTracking().AnyAsync(cancellationToken);
            return new(HealthStatus.Healthy, 0);
        }
        catch (Exception e) when (DatabaseFault.Of(e, options.Value.PlaceIn(state)) is { } fault)
        {
            return new(HealthStatus.Unhealthy, 0, fault.Message);
        }
    }
}
