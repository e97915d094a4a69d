using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Tests.Users;

/// <summary>What becomes of keys while auth is away, or under a flood of wrong ones.</summary>
public sealed class CheckingApiKeysWithoutAuth(Services services) : IClassFixture<Services>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_known_key_goes_on_and_an_unknown_one_is_asked_to_come_again()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var (known, unknown) = (await alice.Auth.CreateKeyAsync(Stop, "api"), await alice.Auth.CreateKeyAsync(Stop, "api"));
        using var http = services.Backend.Url.Bringing(known.Key);
        using var other = services.Backend.Url.Bringing(unknown.Key);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", Stop)).StatusCode);

        await Services.KillAsync(services.Auth, Stop);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", Stop)).StatusCode);
            using var refused = await other.GetAsync("/api/threads", Stop);
            Assert.Equal("unavailable", await refused.CodeOfAsync(HttpStatusCode.ServiceUnavailable, Stop));
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await using var socket = await OpenAsync(known);
        await socket.HelloAsync(Stop);
        await using var closed = await OpenAsync(unknown);
        Assert.Equal((4002, "invalid token: API keys cannot be checked just now"), (await closed.ClosedAsync(Stop), closed.CloseText));
        using var misspelt = services.Backend.Url.Bringing(unknown.Key[..^1] + (unknown.Key[^1] == 'A' ? 'B' : 'A'));
        Assert.Equal("invalid_token", await (await misspelt.GetAsync("/api/threads", Stop)).CodeOfAsync(HttpStatusCode.Unauthorized, Stop));

        await services.StartAuthAsync(Stop);
        await services.UntilAsync(async () => (await other.GetAsync("/api/threads", Stop)).StatusCode == HttpStatusCode.OK, "the other key is taken", Stop);
        await services.UntilHealthyAsync(services.Auth, "store", Stop);
    }

    [Fact]
    public async Task A_flood_of_wrong_keys_opens_nothing_and_keeps_no_known_key_out()
    {
        using var alice = await services.SignUpAsync("alice", Stop);
        var known = await alice.Auth.CreateKeyAsync(Stop, "api");
        using var http = services.Backend.Url.Bringing(known.Key);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", Stop)).StatusCode);

        var flood = Parallel.ForEachAsync(Enumerable.Range(0, 1500), new ParallelOptions { MaxDegreeOfParallelism = 128, CancellationToken = Stop }, async (_, stop) =>
        {
            using var wrong = services.Backend.Url.Bringing(ApiKeyText.New());
            using var answer = await wrong.GetAsync("/api/threads", stop);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
        });
        var asked = 0;
        do
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/threads", Stop)).StatusCode);
            asked++;
        }
        while (!flood.IsCompleted);
        await flood;
        TestContext.Current.TestOutputHelper?.WriteLine($"1500 wrong keys; {asked} requests with a known one meanwhile");
    }

    private Task<RawSocket> OpenAsync(CreatedApiKey key) =>
        RawSocket.OpenAsync(new Uri(services.Backend.Record.WsUrl!), o => o.SetRequestHeader("Authorization", $"Bearer {key.Key}"), Stop);
}
