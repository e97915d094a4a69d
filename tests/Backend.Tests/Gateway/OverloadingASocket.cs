using System.Net.WebSockets;
using System.Text;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>A backend that takes few sockets and has little patience.</summary>
public sealed class ImpatientServices : Services
{
    public const int MostSockets = 3;

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Gateway__StallTimeout"] = "00:00:01", ["Gateway__MaxConnections"] = $"{MostSockets}" });
}

public sealed class OverloadingASocket(ImpatientServices services) : IClassFixture<ImpatientServices>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_takes_nothing_more_is_closed_with_4009()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {alice.AccessToken}");
        await socket.ConnectAsync(new Uri(services.Backend.Record.WsUrl!), Stop);

        // It asks and does not listen, until the service stops listening too.
        var ping = Encoding.UTF8.GetBytes($$"""{"type":"ping","t":"{{new string('x', 200_000)}}"}""");
        var asking = Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++) await socket.SendAsync(ping, WebSocketMessageType.Text, true, Stop);
        }, Stop);
        await services.UntilAsync(() => Task.FromResult(services.Backend.Program.Transcript.Contains("took nothing", StringComparison.Ordinal)), "the backend gives up", Stop);

        var buffer = new byte[1 << 20];
        WebSocketReceiveResult received;
        do received = await socket.ReceiveAsync(buffer, Stop);
        while (received.MessageType != WebSocketMessageType.Close);
        Assert.Equal(4009, (int?)socket.CloseStatus);
        socket.Abort();
        await asking.ContinueWith(_ => { }, Stop, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task The_frame_after_a_thousand_refused_ones_in_a_minute_closes_with_4029()
    {
        using var bob = await services.SignUpAsync("bob", Stop);
        await using var socket = await RawSocket.OpenAsync(services, bob, Stop);
        for (var i = 0; i < 1000; i++) await socket.SendTextAsync("""{"type":"run.resume","threadId":"none","resume":[]}""", Stop);
        await socket.SendTextAsync("""{"type":"ping"}""", Stop);
        await socket.UntilAsync("pong", f => RawSocket.TypeOf(f) == "pong", Stop);
        await socket.SendTextAsync("""{"type":"run.resume","threadId":"none","resume":[]}""", Stop);
        Assert.Equal(4029, await socket.ClosedAsync(Stop));
        Assert.Equal(1001, socket.Frames.Count(f => RawSocket.TypeOf(f) == "error"));
    }

    [Fact]
    public async Task A_full_backend_answers_503_and_one_socket_less_makes_room()
    {
        using var carol = await services.SignUpAsync("carol", Stop);
        var sockets = new List<RawSocket>();
        for (var i = 0; i < ImpatientServices.MostSockets; i++)
        {
            sockets.Add(await RawSocket.OpenAsync(services, carol, Stop));
            await sockets[^1].HelloAsync(Stop);
        }

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => RawSocket.OpenAsync(services, carol, Stop));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        await sockets[0].DisposeAsync();
        await services.UntilAsync(async () =>
        {
            try
            {
                sockets.Add(await RawSocket.OpenAsync(services, carol, Stop));
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        }, "there is room again", Stop);
        foreach (var socket in sockets) await socket.DisposeAsync();
    }
}
