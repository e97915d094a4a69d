using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Throughline.Backend.Tests.Runs;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>The backend ends and comes back; no launcher is in between.</summary>
public sealed class StoppingTheBackend(Services services) : IClassFixture<Services>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sockets_are_told_to_come_back_newcomers_are_turned_away_and_the_run_goes_on_in_the_next_process()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no SIGTERM.");
        using var alice = await services.SignUpAsync("alice", Stop);
        var file = await LongRun.UploadAsync(alice.Http, Stop);
        await using var socket = await RawSocket.OpenAsync(services, alice, Stop);
        await socket.StartAsync("run", LongRun.Input("thread", "run", file), Stop);
        await LongRun.UnderWayAsync(socket, "run", Stop);

        // A peer that does not answer its close holds the door open for a moment.
        using var silent = await SilentAsync(alice);
        await Machine.RunAsync("kill", ["-TERM", services.Backend.Program.Pid.ToString(CultureInfo.InvariantCulture)], Stop);
        var draining = await socket.UntilAsync("draining", f => RawSocket.TypeOf(f) == "draining", Stop);
        Assert.InRange(draining.GetProperty("reconnectAfterMs").GetInt32(), 100, 2000);
        using (var http = new HttpClient())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(services.Backend.Url, "/ws"));
            foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")])
                request.Headers.Add(name, value);
            using var refused = await http.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(1012, await socket.ClosedAsync(Stop));
        Assert.Equal(0, await services.Backend.Program.WaitForExitAsync(Stop));
        Assert.Null(services.State.ReadRecord("backend"));
        Assert.DoesNotContain(socket.Frames, f => RawSocket.TypeOf(f) == "event" && RawSocket.EventType(f) is "RUN_FINISHED" or "RUN_ERROR");

        await services.StartBackendAsync(Stop);
        await using var after = await RawSocket.OpenAsync(services, alice, Stop);
        await after.FollowAsync("thread", Stop);
        Assert.Equal("success", (await after.EndOfAsync("run", Stop)).GetProperty("event").GetProperty("outcome").GetProperty("type").GetString());
        var events = after.EventsOf("thread");
        var before = socket.EventsOf("thread").Select(e => e.GetRawText()).ToList();
        Assert.Equal(before, events.Take(before.Count).Select(e => e.GetRawText()));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
    }

    private async Task<ClientWebSocket> SilentAsync(Member member)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("throughline.v1");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {member.AccessToken}");
        await socket.ConnectAsync(new Uri(services.Backend.Record.WsUrl!), Stop);
        return socket;
    }
}
