using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>Fifteen minutes would be long for a test.</summary>
public sealed class ShortTokens : Platform
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["Tokens__AccessLifetime"] = Lifetime.ToString() };
}

public sealed class ExpiringTokens(ShortTokens platform) : IClassFixture<ShortTokens>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_socket_is_warned_and_lives_on_with_a_new_token_and_closes_without_one()
    {
        await using var user = await platform.SignUpAsync("expiring", Stop);
        await using var left = await RawSocket.OpenAsync(platform, user, Stop);
        await using var kept = await RawSocket.OpenAsync(platform, user, Stop);
        await using var fooled = await RawSocket.OpenAsync(platform, user, Stop);
        var (current, expiresAt) = (user.AccessToken, user.Tokens.ExpiresAt);
        foreach (var socket in (RawSocket[])[left, kept, fooled])
            Assert.InRange((await ExpiringAsync(socket)).GetProperty("expiresAt").GetDateTimeOffset(), expiresAt.AddSeconds(-2), expiresAt.AddSeconds(2));

        await kept.StartAsync("before", RawSocket.Input("What can you do?", "thread", "before"), Stop);
        await using var stranger = await platform.SignUpAsync("stranger", Stop);
        await kept.EndOfAsync("before", Stop);

        // Made half way through the life of the first, the second token leaves as much time to be made in as to make the third in.
        var halfWay = expiresAt - ShortTokens.Lifetime / 2 - TimeProvider.System.GetUtcNow();
        if (halfWay > TimeSpan.Zero) await Task.Delay(halfWay, TimeProvider.System, Stop);
        await RenewAsync("second");
        await fooled.SendAsync(new { type = "auth.refresh", id = "steal", token = stranger.AccessToken }, Stop);
        Assert.Equal(4002, await fooled.ClosedAsync(Stop));

        Assert.Equal(4003, await left.ClosedAsync(Stop));
        Assert.True(TimeProvider.System.GetUtcNow() >= expiresAt.AddSeconds(-2), "It was closed before its time.");
        Assert.Equal("token expired", left.CloseText);

        // The first token is past; the socket that was given another, and then a third, misses nothing.
        await RenewAsync("third");
        await kept.StartAsync("after", RawSocket.Input("What can you do?", "thread", "after"), Stop);
        await kept.EndOfAsync("after", Stop);
        var events = kept.EventsOf("thread");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
        Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        await kept.UntilAsync("a warning for each token", f => kept.Frames.Count(e => RawSocket.TypeOf(e) == "auth.expiring") == 3, Stop);

        await using var late = await RawSocket.OpenAsync(platform, user, Stop);
        Assert.Equal(4002, await late.ClosedAsync(Stop));
        Assert.Equal("invalid token: expired", late.CloseText);

        async Task RenewAsync(string name)
        {
            var token = await user.Login.RenewAsync(current, Stop);
            Assert.NotEqual(current, token);
            current = token;
            await kept.SendAsync(new { type = "auth.refresh", id = name, token }, Stop);
            Assert.Equal("ack", RawSocket.TypeOf(await kept.AnswerToAsync(name, Stop)));
        }
    }

    private static Task<JsonElement> ExpiringAsync(RawSocket socket) => socket.UntilAsync("auth.expiring", f => RawSocket.TypeOf(f) == "auth.expiring", Stop);
}
