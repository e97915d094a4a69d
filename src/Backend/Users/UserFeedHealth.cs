using System.Globalization;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Whether auth's feed is followed. Degraded, not unhealthy, while it is not: whoever is signed in goes on working.</summary>
internal sealed class UserFeedHealth(TimeProvider time) : IDependencyProbe
{
    private string? _lost = "It has not been read since this start.";
    private DateTimeOffset _since = time.GetUtcNow();

    public string Name => "auth-feed";

    public bool IsFollowing => Volatile.Read(ref _lost) is null;

    public void Follows() => Volatile.Write(ref _lost, null);

    public void Lost(string reason)
    {
        if (IsFollowing) _since = time.GetUtcNow();
        Volatile.Write(ref _lost, reason);
    }

    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(
        Volatile.Read(ref _lost) is { } reason
            ? new DependencyHealth(HealthStatus.Degraded, 0, string.Create(
                CultureInfo.InvariantCulture, $"New users and revocations have not arrived since {_since:HH:mm:ss} UTC. {reason}"))
            : new DependencyHealth(HealthStatus.Healthy, 0));
}
