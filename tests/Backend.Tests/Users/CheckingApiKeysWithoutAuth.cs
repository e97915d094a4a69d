using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Users;

/// <summary>What becomes of keys while auth is away.</summary>
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
    }

    private Task<RawSocket> OpenAsync(CreatedApiKey key) =>
        RawSocket.OpenAsync(new Uri(services.Backend.Record.WsUrl!), o => o.SetRequestHeader("Authorization", $"Bearer {key.Key}"), Stop);
}
