using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Whether the database answers. A failure that an operator can mend is told with the remedy, any other as the exception that it is.</summary>
internal sealed class DatabaseProbe(BackendDatabase database) : IDependencyProbe
{
    public string Name => "database";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT version FROM schema_version", cancellationToken), cancellationToken);
            return new DependencyHealth(HealthStatus.Healthy, 0);
        }
        catch (Exception e) when (DatabaseFault.Of(e, database.Place) is { } fault)
        {
            return new DependencyHealth(HealthStatus.Unhealthy, 0, fault.Message);
        }
    }
}
