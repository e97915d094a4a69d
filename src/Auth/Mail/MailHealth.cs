using System.Globalization;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Mail;

/// <summary>
/// Whether mail leaves. <see cref="MailDelivery"/> is its own circuit breaker: after a failure it waits, longer each time, and then a single attempt
/// tries for all that waits.
/// </summary>
internal sealed class MailHealth(MailFolder folder, TimeProvider time) : IDependencyProbe
{
    private DateTimeOffset? _awaySince;

    public string Name => "mail";

    public void Delivered() => _awaySince = null;

    public void Failed() => _awaySince ??= time.GetUtcNow();

    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(_awaySince is { } since
        ? new DependencyHealth(HealthStatus.Degraded, 0, string.Create(
            CultureInfo.InvariantCulture, $"The mail server has taken nothing since {since:HH:mm:ss} UTC. {folder.Waiting().Count} mails are kept and sent when it does: start it, or mend Mail:Host."))
        : new DependencyHealth(HealthStatus.Healthy, 0));
}
