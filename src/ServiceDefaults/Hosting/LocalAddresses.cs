using System.Net;

namespace Throughline.ServiceDefaults;

/// <summary>
/// The proxy that the surroundings name (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY), for all but this machine. The runtime asks it for 127.0.0.1 too where NO_PROXY does not
/// say otherwise, and a proxy that stands elsewhere knows none of our services.
/// </summary>
public sealed class LocalAddresses : IWebProxy
{
    private readonly IWebProxy _proxy;

    private LocalAddresses(IWebProxy proxy) => _proxy = proxy;

    public ICredentials? Credentials
    {
        get => _proxy.Credentials;
        set => _proxy.Credentials = value;
    }

    /// <summary>From here on no client of this process, HTTP or WebSocket, goes through a proxy to its own machine.</summary>
    public static void BypassProxy()
    {
        if (HttpClient.DefaultProxy is not LocalAddresses) HttpClient.DefaultProxy = new LocalAddresses(HttpClient.DefaultProxy);
    }

    public bool IsBypassed(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsLoopback || _proxy.IsBypassed(host);
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy.GetProxy(destination);
}
