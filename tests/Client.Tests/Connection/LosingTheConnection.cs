using Throughline.Client.Connection;

namespace Throughline.Client.Tests.Connection;

public sealed class LosingTheConnection
{
    [Fact]
    public async Task Waits_grow_to_the_longest_and_never_beyond_and_are_spread()
    {
        await using var s = await Situation.BeginAsync(frozen: true);
        s.Server.Refuse = (500, 0);
        s.Connection.Start();
        var waits = new List<TimeSpan>();
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            var waiting = await s.BecomesAsync(ConnectionPhase.Reconnecting, state => state.NextAttemptAt is not null);
            Assert.Equal(attempt, waiting.Attempt);
            waits.Add(waiting.NextAttemptAt!.Value - s.Time.GetUtcNow());
            s.Time.Advance(TimeSpan.FromSeconds(15));
        }

        var bounds = Enumerable.Range(0, 12).Select(n => Math.Min(0.25 * Math.Pow(2, n), 15)).ToList();
        Assert.All(waits.Zip(bounds), pair => Assert.InRange(pair.First.TotalSeconds, 0, pair.Second));
        Assert.Equal(12, waits.Distinct().Count());
    }

    [Fact]
    public async Task ReconnectNow_does_not_wait()
    {
        await using var s = await Situation.BeginAsync(frozen: true);
        s.Server.Refuse = (503, 3600);
        s.Connection.Start();
        var waiting = await s.BecomesAsync(ConnectionPhase.Reconnecting, state => state.NextAttemptAt is not null);
        Assert.InRange(waiting.NextAttemptAt!.Value - s.Time.GetUtcNow(), TimeSpan.FromSeconds(3600), TimeSpan.FromSeconds(3601));

        s.Server.Refuse = null;
        s.Connection.ReconnectNow();
        await s.Server.GreetedAsync(s.Stop);
        await s.BecomesAsync(ConnectionPhase.Live);
    }

    [Fact]
    public async Task A_draining_server_says_when_to_come_back()
    {
        await using var s = await Situation.BeginAsync(frozen: true);
        s.Connection.Start();
        var socket = await s.Server.GreetedAsync(s.Stop);
        await s.BecomesAsync(ConnectionPhase.Live);
        await socket.SendAsync("""{"type":"draining","reconnectAfterMs":4321}""", s.Stop);
        await socket.CloseAsync(1012, "restart", s.Stop);

        var waiting = await s.BecomesAsync(ConnectionPhase.Reconnecting, state => state.NextAttemptAt is not null);
        Assert.Equal((1012, TimeSpan.FromMilliseconds(4321)), (waiting.CloseCode, waiting.NextAttemptAt!.Value - s.Time.GetUtcNow()));
        s.Time.Advance(TimeSpan.FromMilliseconds(4321));
        await s.Server.GreetedAsync(s.Stop);
        await s.BecomesAsync(ConnectionPhase.Live);
    }

    [Fact]
    public async Task A_server_that_never_greets_is_given_up_after_the_deadline()
    {
        await using var s = await Situation.BeginAsync(frozen: true);
        s.Connection.Start();
        await s.Server.AcceptedAsync(s.Stop);
        s.Time.Advance(TimeSpan.FromSeconds(10));
        var waiting = await s.BecomesAsync(ConnectionPhase.Reconnecting);
        Assert.Equal("no answer in time", waiting.Reason);
    }

    [Fact]
    public async Task Three_silent_heartbeats_are_a_lost_connection()
    {
        await using var s = await Situation.BeginAsync(frozen: true);
        s.Connection.Start();
        var socket = await s.Server.GreetedAsync(s.Stop, heartbeatSeconds: 20);
        s.Read("t", after: 0);
        await socket.ReceiveAsync(s.Stop); // subscribed, so its heart beats by now
        for (var beat = 1; beat <= 2; beat++)
        {
            s.Time.Advance(TimeSpan.FromSeconds(20));
            await socket.PingedAsync(s.Stop);
        }

        Assert.Equal(ConnectionPhase.Live, s.Connection.State.Phase);
        s.Time.Advance(TimeSpan.FromSeconds(20));
        var lost = await s.BecomesAsync(ConnectionPhase.Reconnecting);
        Assert.Equal("silent for 3 heartbeats", lost.Reason);
    }

    [Fact]
    public async Task Falling_behind_is_resumed_like_any_loss()
    {
        await using var s = await Situation.BeginAsync();
        s.Connection.Start();
        var socket = await s.Server.GreetedAsync(s.Stop);
        await socket.CloseAsync(4009, "too slow", s.Stop);
        await s.Server.GreetedAsync(s.Stop);
        await s.BecomesAsync(ConnectionPhase.Live);
    }

    [Fact]
    public async Task A_connection_put_aside_for_newer_ones_does_not_push_back_until_it_is_used()
    {
        await using var s = await Situation.BeginAsync();
        s.Connection.Start();
        var socket = await s.Server.GreetedAsync(s.Stop);
        await socket.CloseAsync(4008, "too many connections", s.Stop);
        Assert.Equal(4008, (await s.BecomesAsync(ConnectionPhase.Closed)).CloseCode);
        Assert.Equal(1, s.Server.Handshakes);

        s.Connection.ReconnectNow();
        await s.Server.GreetedAsync(s.Stop);
        await s.BecomesAsync(ConnectionPhase.Live);
    }

    [Fact]
    public async Task Disposing_ends_readers_and_requests()
    {
        var s = await Situation.BeginAsync();
        var read = s.Connection.ReadEventsAsync("t", 0, s.Stop).ToListAsync(s.Stop).AsTask();
        var asked = s.Connection.CancelAsync("r", s.Stop);
        await s.Server.GreetedAsync(s.Stop);
        await s.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asked);
    }
}
