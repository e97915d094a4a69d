using System.Globalization;
using System.Net.WebSockets;

namespace Throughline.Client.Connection;

/// <summary>Opens a socket with the token where this platform can put it.</summary>
internal sealed class Handshake(Uri address, ThreadConnectionOptions options)
{
    private const string Protocol = "throughline.v1";

    /// <exception cref="WebSocketException">Refused or unreachable; see <see cref="Explain"/>.</exception>
    public async Task<LiveSocket> OpenAsync(ClientWebSocket socket, string token, CancellationToken cancellationToken)
    {
        socket.Options.AddSubProtocol(Protocol);
        if (!OperatingSystem.IsBrowser())
            socket.Options.CollectHttpResponseDetails = true;

        var target = address;
        switch (Carrier)
        {
            case TokenCarrier.Subprotocol:
                socket.Options.AddSubProtocol($"bearer.{token}");
                break;
            case TokenCarrier.Ticket:
                var ticket = await (options.Ticket ?? throw new InvalidOperationException("TokenCarrier.Ticket needs the Ticket option."))(cancellationToken);
                target = new UriBuilder(address) { Query = $"ticket={Uri.EscapeDataString(ticket)}" }.Uri;
                break;
            default:
                if (OperatingSystem.IsBrowser())
                    throw new PlatformNotSupportedException("A browser cannot set headers on a socket.");
                socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
                break;
        }

        await socket.ConnectAsync(target, cancellationToken);
        return new LiveSocket(socket);
    }

    /// <summary>What a failed handshake says: status and Retry-After where the platform shows them (a browser does not).</summary>
    public static SocketClosed Explain(ClientWebSocket socket, WebSocketException failure)
    {
        if (OperatingSystem.IsBrowser() || socket.HttpStatusCode == 0)
            return new(null, failure.Message);
        TimeSpan? retryAfter = socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) == true
            && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;
        return new(null, $"the service refused the connection with HTTP {(int)socket.HttpStatusCode}", retryAfter);
    }

    private TokenCarrier Carrier => options.TokenCarrier is not TokenCarrier.Automatic ? options.TokenCarrier
        : OperatingSystem.IsBrowser() ? TokenCarrier.Subprotocol : TokenCarrier.Header;
}
