using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>The service's readiness, computed at the call from its probes.</summary>
public sealed class Readiness(ServiceIdentity identity, IEnumerable<IDependencyProbe> probes, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly IDependencyProbe[] _probes = [.. probes];

    public HealthReport Live => new(HealthStatus.Healthy, identity.Service, identity.Instance, identity.Pid, identity.Version);

    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        var checks = await Task.WhenAll(_probes.Select(p => ProbeAsync(p, cancellationToken)));
        return Live with
        {
            Status = checks.Any(c => c.Status == HealthStatus.Unhealthy) ? HealthStatus.Unhealthy
                : checks.Any(c => c.Status == HealthStatus.Degraded) ? HealthStatus.Degraded
                : HealthStatus.Healthy,
            Checks = _probes.Zip(checks).ToDictionary(p => p.First.Name, p => p.Second),
        };
    }

    private async Task<DependencyHealth> ProbeAsync(IDependencyProbe probe, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        DependencyHealth health;
        try
        {
            // A probe may ignore its token; the wait here does not.
            health = await probe.ProbeAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            health = new DependencyHealth(HealthStatus.Unhealthy, 0, $"No answer within {Timeout.TotalSeconds} s.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            health = new DependencyHealth(HealthStatus.Unhealthy, 0, e.Message);
        }

        return health with { LatencyMs = Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 2) };
    }
}
