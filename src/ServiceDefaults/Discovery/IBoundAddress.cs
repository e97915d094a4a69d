using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Throughline.ServiceDefaults;

/// <summary>The address that the service really listens on, once it does.</summary>
public interface IBoundAddress
{
    /// <value>Scheme, host and port, e.g. <c>http://127.0.0.1:8000</c> or <c>redis://127.0.0.1:6380</c>.</value>
    Uri Current { get; }

    /// <summary>Where <c>/metrics</c> is read.</summary>
    Uri Metrics => Current;
}

internal sealed class ServerAddress(IServer server, IOptions<ListenOptions> listen) : IBoundAddress
{
    public Uri Current =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(a => new Uri(a)).FirstOrDefault(a => a.Port > 0)
        ?? throw new InvalidOperationException("The server has bound no address.");

    /// <summary>The port of its own is bound last.</summary>
    public Uri Metrics =>
        listen.Value.MetricsPort is null ? Current : new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Last());
}
