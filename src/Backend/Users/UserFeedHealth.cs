using System.Globalization;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Users;

/// <summary>Whether auth's feed is followed. Degraded, not unhealthy, while it is not: whoever is signed in goes on working. Unhealthy
/// only on a restored database, which may hold what was deleted since.</summary>
internal sealed class UserFeedHealth(RestoreGate gate, TimeProvider time) : IDependencyProbe
{
    private string? _lost = "It has not been read since this start.";
    private DateTimeOffset _since = time.GetUtcNow();
    private TimeSpan _behind;

    public string Name => "auth-feed";

    public bool IsFollowing => Volatile.Read(ref _lost) is null;

    /// <summary>How far behind auth the replica is: while the feed is lost, since when; else the age of the newest change of a long page.</summary>
    public TimeSpan Lag => IsFollowing ? _behind : time.GetUtcNow() - _since;

    /// <param name="behind">The age of what was read, where more is to be expected at once.</param>
    public void Follows(TimeSpan behind)
    {
        _behind = behind;
        Volatile.Write(ref _lost, null);
    }

    /// <param name="reason">Null while nobody asks auth any more: what was said before is why.</param>
    public void Lost(string? reason)
    {
        if (IsFollowing) _since = time.GetUtcNow();
        Volatile.Write(ref _lost, reason ?? Volatile.Read(ref _lost) ?? "Auth does not answer.");
    }

    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(Volatile.Read(ref _lost) switch
    {
        _ when !gate.IsOpen => new DependencyHealth(
            HealthStatus.Unhealthy, 0, $"The database was restored from a backup; nothing is served before auth has told what was deleted since. {_lost}"),
        { } reason => new(HealthStatus.Degraded, 0, string.Create(
            CultureInfo.InvariantCulture, $"New users and revocations have not arrived since {_since:HH:mm:ss} UTC. {reason}")),
        null => new(HealthStatus.Healthy, 0),
    });
}
