using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Gateway;

/// <summary>Somebody uses a refresh token that was spent: the session's socket closes, and no other.</summary>
public sealed class ReusingARefreshToken(BackendStack platform)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1); // protocol §4

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closes_the_sessions_socket_within_a_second()
    {
        var rounds = SuiteSize.Of(3, 30);
        var elapsed = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            await using var user = await platform.SignUpAsync("reused", Stop);
            await using var device = await platform.SignInAsync(user.UserId, user.Email, Stop);
            await using var gone = await RawSocket.OpenAsync(platform, user, Stop);
            await using var stays = await RawSocket.OpenAsync(platform, device, Stop);
            await gone.HelloAsync(Stop);
            await stays.HelloAsync(Stop);
            var spent = user.Tokens.RefreshToken;
            var successor = (await RefreshAsync(spent, HttpStatusCode.OK)).GetProperty("refresh_token").GetString()!;
            var current = (await RefreshAsync(successor, HttpStatusCode.OK)).GetProperty("refresh_token").GetString()!;

            await RefreshAsync(spent, HttpStatusCode.BadRequest);
            var began = TimeProvider.System.GetTimestamp(); // revoked before the answer, so from here at the latest
            Assert.Equal(4004, await gone.ClosedAsync(Stop));
            var took = TimeProvider.System.GetElapsedTime(began);
            elapsed.Add(took.TotalMilliseconds);
            Assert.True(took <= Within, $"The socket closed after {took.TotalMilliseconds:0} ms.");

            await RefreshAsync(current, HttpStatusCode.BadRequest);
            using var backend = user.CreateHttp(platform.Backend);
            using var refused = await backend.GetAsync(new Uri("/api/me", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            await stays.SendAsync(new { type = "ping", t = round }, Stop);
            await stays.UntilAsync("pong", f => RawSocket.TypeOf(f) == "pong", Stop);
        }
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{rounds} replays: the socket closed after {Statistics.Percentile(elapsed, 50):0.0} ms (median), {elapsed.Max():0.0} ms at most, from the answer to the replay on.");
    }

    private async Task<JsonElement> RefreshAsync(string token, HttpStatusCode expected)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("grant_type", "refresh_token"), new("client_id", "throughline-cli"), new("refresh_token", token)]);
        using var answer = await http.PostAsync(new Uri(platform.Auth, "/connect/token"), form, Stop);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }
}
