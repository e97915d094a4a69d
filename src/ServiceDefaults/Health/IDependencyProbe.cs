using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>Looks at one thing the service needs. Readiness runs every registered probe at the call, all at once.</summary>
public interface IDependencyProbe
{
    /// <summary>The entry's name under <c>checks</c>.</summary>
    string Name { get; }

    /// <summary>Looks now. Exceptions and a time-out count as unhealthy; the latency is filled in by the caller.</summary>
    Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>The three words of protocol §1.</summary>
public static class HealthStatus
{
    public const string Healthy = "healthy";
    public const string Degraded = "degraded";
    public const string Unhealthy = "unhealthy";
}
