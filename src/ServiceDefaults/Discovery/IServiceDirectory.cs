using Throughline.Contracts.Discovery;

namespace Throughline.ServiceDefaults;

/// <summary>Where the other services are. Only verified records are answered (protocol §1); a verification holds for 1 s.</summary>
public interface IServiceDirectory
{
    /// <summary>The first live node of the service; null while there is none.</summary>
    ValueTask<DiscoveryRecord?> FindAsync(string service, CancellationToken cancellationToken);

    /// <summary>Every live node of the service, in node order.</summary>
    ValueTask<IReadOnlyList<DiscoveryRecord>> FindAllAsync(string service, CancellationToken cancellationToken);

    /// <summary>Whoever was sent there could not be served: the next look verifies the record anew.</summary>
    void Doubt(DiscoveryRecord record);

    /// <summary>In words, why no node of the service is believed to live; null where one is, or where its address is configured.</summary>
    ValueTask<string?> ExplainAsync(string service, CancellationToken cancellationToken);

    /// <summary>Waits until the service is there. Nothing but <paramref name="cancellationToken"/> ends the wait.</summary>
    Task<DiscoveryRecord> WaitForAsync(string service, CancellationToken cancellationToken);
}
