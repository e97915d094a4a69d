using System.Net;
using System.Net.Sockets;

namespace Throughline.Client.Tests.Connection;

/// <summary>
/// Whoever dies resets what is just being opened to it. Callers expect a failed request then; the runtime, which asks the connection for its other end first, throws the socket's
/// own exception where the reset comes in between: a few times in a hundred here.
/// </summary>
public sealed class BeingResetWhileOpening
{
    private const int Times = 2000;

    [Fact]
    public async Task A_connection_that_is_reset_as_it_opens_is_a_failed_request()
    {
        var stop = TestContext.Current.CancellationToken;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var resetting = ResetAllAsync(listener, end.Token);
        using var http = ThroughlineHttp.Create(new Uri($"http://{listener.LocalEndpoint}"));

        for (var i = 0; i < Times; i++)
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("/", UriKind.Relative), stop));

        await end.CancelAsync();
        await resetting;
    }

    private static async Task ResetAllAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(cancellationToken);
                socket.LingerState = new LingerOption(enable: true, seconds: 0); // its close is a reset
            }
        }
        catch (OperationCanceledException)
        {
            // All were reset.
        }
    }
}
