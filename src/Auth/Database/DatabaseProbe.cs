using Microsoft.EntityFrameworkCore;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Database;

/// <summary>Reads one row, as a sign-in would.</summary>
internal sealed class DatabaseProbe(IServiceScopeFactory scopes) : IDependencyProbe
{
    public string Name => "database";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AuthDb>().SigningKeys.AsNoTracking().AnyAsync(cancellationToken);
        return new(HealthStatus.Healthy, 0);
    }
}
