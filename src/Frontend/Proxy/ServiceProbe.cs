using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Frontend.Proxy;

/// <summary>Whether a service behind the proxy is there. Its absence degrades this one: the app still loads and says what is missing.</summary>
internal sealed class ServiceProbe(string service, IServiceDirectory directory) : IDependencyProbe
{
    public string Name => service;

    public async Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken) =>
        await directory.FindAsync(service, cancellationToken) is null
            ? new DependencyHealth(HealthStatus.Degraded, 0, $"The {service} service is not running, or does not answer as the one that its record names.")
            : new DependencyHealth(HealthStatus.Healthy, 0);
}
