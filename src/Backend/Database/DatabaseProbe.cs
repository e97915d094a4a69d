using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

/// <summary>Whether the database answers. A failure is an exception, which readiness reports as it is.</summary>
internal sealed class DatabaseProbe(BackendDatabase database) : IDependencyProbe
{
    public string Name => "database";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        await database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT version FROM schema_version", cancellationToken), cancellationToken);
        return new DependencyHealth("healthy", 0);
    }
}
