using System.Data.Common;
using System.Diagnostics;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Database;

internal sealed class DatabaseProbe(BackendDatabase database) : IDependencyProbe
{
    public string Name => "database";

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await database.ReadAsync(connection => connection.ScalarAsync<long>("SELECT version FROM schema_version", cancellationToken), cancellationToken);
            return new DependencyHealth("healthy", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (DbException e)
        {
            return new DependencyHealth("unhealthy", Stopwatch.GetElapsedTime(began).TotalMilliseconds, e.Message);
        }
    }
}
