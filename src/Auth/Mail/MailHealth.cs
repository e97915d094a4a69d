using System.Globalization;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Mail;

/// <summary>
/// Whether mail is kept, and whether it leaves. <see cref="MailDelivery"/> is its own circuit breaker: after a failure it waits, longer each time, and
/// then a single attempt tries for all that waits.
/// </summary>
internal sealed class MailHealth(MailFolder folder, TimeProvider time) : IDependencyProbe
{
    private DateTimeOffset? _awaySince;
    private Loss? _loss;

    public string Name => "mail";

    public void Delivered() => _awaySince = null;

    public void Failed() => _awaySince ??= time.GetUtcNow();

    public void Kept() => _loss = null;

    /// <summary>Until one can be kept again, all mail counts as lost: this one is.</summary>
    public void NotKept(string why) => _loss = new(_loss?.Since ?? time.GetUtcNow(), why);

    public Task<DependencyHealth> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_loss is not null && folder.CanKeep()) Kept();
        return Task.FromResult(Health());
    }

    private DependencyHealth Health() => this switch
    {
        { _loss: { } loss } => new DependencyHealth(HealthStatus.Degraded, 0, string.Create(
            CultureInfo.InvariantCulture, $"Mail cannot be kept since {loss.Since:HH:mm:ss} UTC, and is lost: {loss.Why} Let auth write in {folder.Root}; who waits for a code asks for another.")),
        { _awaySince: { } since } => new DependencyHealth(HealthStatus.Degraded, 0, string.Create(
            CultureInfo.InvariantCulture, $"The mail server has taken nothing since {since:HH:mm:ss} UTC. {folder.Waiting().Count} mails are kept and sent when it does: start it, or mend Mail:Host.")),
        _ => new DependencyHealth(HealthStatus.Healthy, 0),
    };

    private sealed record Loss(DateTimeOffset Since, string Why);
}
