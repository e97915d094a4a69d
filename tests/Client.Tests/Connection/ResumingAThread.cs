using System.Text.Json.Nodes;
using Throughline.Client.Problems;

namespace Throughline.Client.Tests.Connection;

public sealed class ResumingAThread
{
    [Fact]
    public async Task A_cut_line_is_resumed_after_the_last_event_and_each_comes_once()
    {
        await using var s = await Situation.BeginAsync();
        var seqs = s.Read("t", after: 0);
        var first = await s.Server.GreetedAsync(s.Stop);
        Assert.Equal(0, (long)(await first.ReceiveAsync(s.Stop))["after"]!);
        await first.EventAsync("t", 1, s.Stop);
        await first.EventAsync("t", 2, s.Stop);
        Assert.Equal(1, await seqs.ReadAsync(s.Stop));
        Assert.Equal(2, await seqs.ReadAsync(s.Stop));
        first.Cut();

        var second = await s.Server.GreetedAsync(s.Stop);
        var subscribe = await second.ReceiveAsync(s.Stop);
        Assert.Equal(("thread.subscribe", "t", 2L), ((string)subscribe["type"]!, (string)subscribe["threadId"]!, (long)subscribe["after"]!));
        await second.EventAsync("t", 2, s.Stop); // a server may repeat; the client may not
        await second.EventAsync("t", 3, s.Stop);
        Assert.Equal(3, await seqs.ReadAsync(s.Stop));
    }

    [Fact]
    public async Task A_gap_makes_it_ask_again_and_nothing_after_the_gap_gets_through_first()
    {
        await using var s = await Situation.BeginAsync();
        var read = s.Connection.ReadEventsAsync("t", after: 0, s.Stop).Take(5).Select(e => e.Seq).ToListAsync(s.Stop);

        var socket = await s.Server.GreetedAsync(s.Stop);
        var subscribe = await socket.ReceiveAsync(s.Stop);
        await socket.SendAsync($$"""{"type":"subscribed","threadId":"t","head":5,"id":"{{subscribe["id"]}}"}""", s.Stop);
        foreach (var seq in new long[] { 1, 4, 5 })
            await socket.EventAsync("t", seq, s.Stop);

        subscribe = await socket.ReceiveAsync(s.Stop);
        Assert.Equal(1, (long)subscribe["after"]!);
        await socket.SendAsync($$"""{"type":"subscribed","threadId":"t","head":5,"id":"{{subscribe["id"]}}"}""", s.Stop);
        foreach (var seq in new long[] { 2, 3, 4, 5 })
            await socket.EventAsync("t", seq, s.Stop);
        Assert.Equal([1, 2, 3, 4, 5], await read);
    }

    [Fact]
    public async Task A_subscription_that_ends_with_an_error_ends_its_readers()
    {
        await using var s = await Situation.BeginAsync();
        var seqs = s.Read("t", after: 0);
        var socket = await s.Server.GreetedAsync(s.Stop);
        var id = (string)(await socket.ReceiveAsync(s.Stop))["id"]!;
        await socket.SendAsync($$"""{"type":"subscribed","threadId":"t","head":1,"id":"{{id}}"}""", s.Stop);
        await socket.EventAsync("t", 1, s.Stop);
        Assert.Equal(1, await seqs.ReadAsync(s.Stop));

        await socket.SendAsync($$"""{"type":"error","code":"log_incomplete","message":"Gone.","id":"{{id}}"}""", s.Stop);
        var ended = await Assert.ThrowsAnyAsync<Exception>(async () => await seqs.ReadAsync(s.Stop));
        Assert.Equal("log_incomplete", ((ProtocolException)(ended.InnerException ?? ended)).Code);
    }

    [Fact]
    public async Task Two_readers_of_one_thread_each_get_what_they_lack()
    {
        await using var s = await Situation.BeginAsync();
        var late = s.Connection.ReadEventsAsync("t", after: 2, s.Stop).Take(2).Select(e => e.Seq).ToListAsync(s.Stop);
        var socket = await s.Server.GreetedAsync(s.Stop);
        Assert.Equal(2, (long)(await socket.ReceiveAsync(s.Stop))["after"]!);
        var early = s.Connection.ReadEventsAsync("t", after: 0, s.Stop).Take(4).Select(e => e.Seq).ToListAsync(s.Stop);
        Assert.Equal(0, (long)(await socket.ReceiveAsync(s.Stop))["after"]!);
        for (var seq = 1; seq <= 4; seq++)
            await socket.EventAsync("t", seq, s.Stop);

        Assert.Equal([3, 4], await late);
        Assert.Equal([1, 2, 3, 4], await early);
        Assert.Equal("thread.unsubscribe", (string)(await socket.ReceiveAsync(s.Stop))["type"]!);
    }

    [Fact]
    public async Task A_reader_that_stands_still_loses_nothing_however_much_comes()
    {
        const int Total = 10_000; // more than a reader's queue holds
        await using var s = await Situation.BeginAsync();
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = ReadAsync();
        var socket = await s.Server.GreetedAsync(s.Stop);
        var subscriptions = 0;
        var serving = ServeAsync(await socket.ReceiveAsync(s.Stop)); // its subscription, before the question below can overtake it

        await s.Connection.CancelAsync("r", s.Stop); // answered after all events were sent once, so they have arrived
        mayGoOn.SetResult();
        Assert.Equal(Enumerable.Range(1, Total).Select(n => (long)n), await read);
        Assert.InRange(subscriptions, 2, int.MaxValue);
        await serving;

        async Task<List<long>> ReadAsync()
        {
            var seqs = new List<long>();
            await foreach (var entry in s.Connection.ReadEventsAsync("t", after: 0, s.Stop).Take(Total))
            {
                seqs.Add(entry.Seq);
                await mayGoOn.Task;
            }

            return seqs;
        }

        async Task ServeAsync(JsonNode frame)
        {
            for (; (string?)frame["type"] != "thread.unsubscribe"; frame = await socket.ReceiveAsync(s.Stop))
            {
                if ((string?)frame["type"] == "run.cancel")
                {
                    await socket.SendAsync($$"""{"type":"ack","id":"{{frame["id"]}}"}""", s.Stop);
                    continue;
                }

                subscriptions++;
                for (var seq = (long)frame["after"]! + 1; seq <= Total; seq++)
                    await socket.EventAsync("t", seq, s.Stop);
            }
        }
    }

    [Fact]
    public async Task A_thread_that_is_not_the_users_ends_the_sequence_with_the_services_code()
    {
        await using var s = await Situation.BeginAsync();
        var read = s.Connection.ReadEventsAsync("foreign", after: 0, s.Stop).ToListAsync(s.Stop).AsTask();
        var socket = await s.Server.GreetedAsync(s.Stop);
        var id = (string)(await socket.ReceiveAsync(s.Stop))["id"]!;
        await socket.SendAsync($$"""{"type":"error","id":"{{id}}","code":"not_found","message":"There is no such thread."}""", s.Stop);

        var refusal = await Assert.ThrowsAsync<ProtocolException>(() => read);
        Assert.Equal(("not_found", "There is no such thread."), (refusal.Code, refusal.Title));
    }
}
