using System.Net.Sockets;

namespace Throughline.Contracts.Http;

/// <summary>
/// Makes a failed request of a connection that is reset while it opens. The runtime wraps every other failure so; such a connection it asks for its other end first,
/// and lets the socket's own exception through.
/// </summary>
public sealed class LostConnections : DelegatingHandler
{
    /// <summary>For a chain of handlers that is put together elsewhere.</summary>
    public LostConnections()
    {
    }

    public LostConnections(HttpMessageHandler inner)
        : base(inner)
    {
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, e.Message, e);
        }
    }
}
