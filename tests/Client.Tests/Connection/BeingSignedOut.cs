using Throughline.Client.Connection;
using Throughline.Client.Problems;

namespace Throughline.Client.Tests.Connection;

public sealed class BeingSignedOut
{
    [Fact]
    public async Task A_revoked_session_stops_at_once_and_tells_everyone_who_waits()
    {
        await using var s = await Situation.BeginAsync();
        var read = s.Connection.ReadEventsAsync("t", 0, s.Stop).ToListAsync(s.Stop).AsTask();
        var asked = s.Connection.CancelAsync("r", s.Stop);
        var socket = await s.Server.GreetedAsync(s.Stop);
        await socket.CloseAsync(4004, "session revoked", s.Stop);

        var state = await s.BecomesAsync(ConnectionPhase.SignedOut);
        Assert.Equal((4004, "session revoked"), (state.CloseCode, state.Reason));
        Assert.True((await Assert.ThrowsAsync<ProtocolException>(() => read)).IsSignedOut);
        Assert.True((await Assert.ThrowsAsync<ProtocolException>(() => asked)).IsSignedOut);
        Assert.True((await Assert.ThrowsAsync<ProtocolException>(() => s.Connection.CancelAsync("r", s.Stop))).IsSignedOut);
        Assert.Equal(1, s.Server.Handshakes);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_a_second_refusal_is_believed()
    {
        await using var s = await Situation.BeginAsync();
        s.Connection.Start();
        var first = await s.Server.AcceptedAsync(s.Stop);
        Assert.Equal("Bearer token-1", first.Authorization);
        await first.CloseAsync(4002, "invalid token: expired", s.Stop);

        var second = await s.Server.AcceptedAsync(s.Stop);
        Assert.Equal("Bearer token-2", second.Authorization);
        await second.CloseAsync(4002, "invalid token: revoked", s.Stop);

        Assert.Equal(4002, (await s.BecomesAsync(ConnectionPhase.SignedOut)).CloseCode);
        Assert.Equal(2, s.Server.Handshakes);
    }

    [Fact]
    public async Task An_expired_token_is_renewed_and_the_connection_resumes()
    {
        await using var s = await Situation.BeginAsync();
        s.Connection.Start();
        var first = await s.Server.GreetedAsync(s.Stop);
        await first.CloseAsync(4003, "token expired", s.Stop);
        Assert.Equal("Bearer token-2", (await s.Server.GreetedAsync(s.Stop)).Authorization);
        await s.BecomesAsync(ConnectionPhase.Live);
    }

    [Fact]
    public async Task An_expired_token_without_another_is_signed_out()
    {
        await using var s = await Situation.BeginAsync(new TestTokens(1));
        s.Connection.Start();
        await (await s.Server.GreetedAsync(s.Stop)).CloseAsync(4003, "token expired", s.Stop);
        await s.BecomesAsync(ConnectionPhase.SignedOut);
    }

    [Fact]
    public async Task A_token_about_to_expire_is_renewed_on_the_open_socket()
    {
        await using var s = await Situation.BeginAsync();
        s.Connection.Start();
        var socket = await s.Server.GreetedAsync(s.Stop);
        await socket.SendAsync("""{"type":"auth.expiring","expiresAt":"2026-01-01T00:01:00Z"}""", s.Stop);
        var refresh = await socket.ReceiveAsync(s.Stop);
        Assert.Equal(("auth.refresh", "token-2"), ((string)refresh["type"]!, (string)refresh["token"]!));
    }

    [Fact]
    public async Task The_token_travels_where_it_was_told_to()
    {
        await using var bySubprotocol = await Situation.BeginAsync(configure: o => o with { TokenCarrier = TokenCarrier.Subprotocol });
        bySubprotocol.Connection.Start();
        var socket = await bySubprotocol.Server.GreetedAsync(bySubprotocol.Stop);
        Assert.Equal(["throughline.v1", "bearer.token-1"], socket.Protocols);

        await using var byTicket = await Situation.BeginAsync(
            configure: o => o with { TokenCarrier = TokenCarrier.Ticket, Ticket = _ => Task.FromResult("a+b") });
        byTicket.Connection.Start();
        socket = await byTicket.Server.GreetedAsync(byTicket.Stop);
        Assert.Equal(("?ticket=a%2Bb", null), (socket.Query, socket.Authorization));
    }
}
