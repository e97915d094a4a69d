namespace Throughline.Backend.Tests.Nodes;

[Collection(OnThreeNodes.Name)]
public sealed class FollowingFromAnotherNode(ThreeNodes platform)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscriber_on_any_node_gets_every_event_once_in_order_and_with_the_same_bytes()
    {
        await using var user = await platform.SignUpAsync("nodes", Stop);
        var sockets = new List<RawSocket>();
        foreach (var node in platform.Nodes) sockets.Add(await ThreeNodes.OpenAsync(node, user, Stop));
        try
        {
            // Whoever asks follows from then on; to follow anew would tell it some of it again.
            await sockets[0].StartAsync("first", RawSocket.Input("What can you do?", "thread", "first"), Stop);
            foreach (var socket in sockets.Skip(1)) await socket.FollowAsync("thread", Stop);
            foreach (var socket in sockets.Skip(1)) await socket.AnswerToAsync("follow-thread", Stop);
            // From another node than the one where the thread lives.
            await sockets[1].StartAsync("second", RawSocket.Input("What can you do?", "thread", "second"), Stop);

            var told = new List<string[]>();
            foreach (var socket in sockets)
            {
                await socket.EndOfAsync("second", Stop);
                var events = socket.EventsOf("thread");
                Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
                told.Add([.. events.Select(e => e.GetRawText())]);
            }

            Assert.Equal(told[0], told[1]);
            Assert.Equal(told[0], told[2]);
        }
        finally
        {
            foreach (var socket in sockets) await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_subscriber_on_any_node_is_told_that_the_thread_was_deleted()
    {
        await using var user = await platform.SignUpAsync("deleted", Stop);
        await using var asking = await ThreeNodes.OpenAsync(platform.Nodes[0], user, Stop);
        await asking.StartAsync("first", RawSocket.Input("What can you do?", "thread", "first"), Stop);
        await asking.EndOfAsync("first", Stop);
        var sockets = new List<RawSocket>();
        foreach (var node in platform.Nodes) sockets.Add(await ThreeNodes.OpenAsync(node, user, Stop));
        try
        {
            foreach (var socket in sockets) await socket.FollowAsync("thread", Stop);
            foreach (var socket in sockets) await socket.EndOfAsync("first", Stop);
            using var http = user.CreateHttp(new Uri(platform.Nodes[1].ApiUrl));
            (await http.DeleteAsync(new Uri("/api/threads/thread", UriKind.Relative), Stop)).EnsureSuccessStatusCode();
            foreach (var socket in sockets)
            {
                var told = await socket.UntilAsync("an error", f => RawSocket.TypeOf(f) == "error", Stop);
                Assert.Equal(("follow-thread", "not_found"), (told.GetProperty("id").GetString(), told.GetProperty("code").GetString()));
            }
        }
        finally
        {
            foreach (var socket in sockets) await socket.DisposeAsync();
        }
    }
}
