using System.Net;
using System.Text.Json;
using Throughline.Client.Accounts;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Breakers;

/// <summary>A dependency goes away under people who are connected, and comes back.</summary>
public sealed class DegradingInWords : IAsyncLifetime
{
    private readonly Services _services = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _services.InitializeAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Without_the_store_chat_goes_on_signing_in_does_not_and_people_are_told_both_ways()
    {
        using var alice = await _services.SignUpAsync("alice", Stop);
        await using var socket = await RawSocket.OpenAsync(_services, alice, Stop);
        await socket.UntilAsync("hello", f => RawSocket.TypeOf(f) == "hello", Stop);
        Assert.Equal("closed", await StateAsync(alice, "store"));

        await Services.KillAsync(_services.Store, Stop);
        // Four of the free tier's five: each is asked of a store that is away, and counted here.
        for (var i = 0; i < 4; i++) await socket.StartAsync($"q{i}", RawSocket.Input("What can you do?", $"thread {i}", $"run {i}"), Stop);

        var degraded = await socket.UntilAsync("degraded", f => IsAbout(f, "degraded", "store"), Stop);
        Assert.Contains("Signing in is closed", degraded.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("Questions are answered", degraded.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("open", await StateAsync(alice, "store"));
        using var signIn = new NativeSignIn(_services.Auth.Url);
        await Assert.ThrowsAnyAsync<Exception>(() => signIn.LogInAsync(new LoginRequest(alice.Email, Services.Password), Stop));

        // Who connects now is told too.
        await using var late = await RawSocket.OpenAsync(_services, alice, Stop);
        await late.UntilAsync("degraded", f => IsAbout(f, "degraded", "store"), Stop);
        // What was accepted meanwhile is answered, and once.
        for (var i = 0; i < 4; i++) await socket.EndOfAsync($"run {i}", Stop);
        await socket.StartAsync("q4", RawSocket.Input("What can you do?", "thread 4", "run 4"), Stop);
        await socket.SendAsync(new { type = "run.start", id = "q5", input = RawSocket.Input("What can you do?", "thread 5", "run 5") }, Stop);
        Assert.Equal("rate_limited", (await socket.AnswerToAsync("q5", Stop)).GetProperty("code").GetString());

        await _services.StartStoreAsync(Stop);
        var recovered = await socket.UntilAsync("recovered", f => IsAbout(f, "recovered", "store"), Stop);
        Assert.Contains("Signing in is open again", recovered.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("closed", await StateAsync(alice, "store"));
        for (var i = 0; i < 5; i++)
        {
            await socket.EndOfAsync($"run {i}", Stop);
            var events = socket.EventsOf($"thread {i}");
            Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(RawSocket.SeqOf));
            Assert.Null(RunOrder.FirstFault(events.Select(e => e.GetProperty("event"))));
        }
    }

    private static bool IsAbout(JsonElement frame, string type, string dependency) =>
        RawSocket.TypeOf(frame) == type && frame.GetProperty("dependency").GetString() == dependency;

    private static async Task<string> StateAsync(Member member, string dependency)
    {
        using var response = await member.Http.GetAsync("/api/breakers", Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.ReadAsync(WireJson.Default.PageBreakerState, Stop)).Items.Single(b => b.Dependency == dependency).State;
    }
}
