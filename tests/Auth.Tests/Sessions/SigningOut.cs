using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Tests.Sessions;

public sealed class SigningOut(SqliteAuth platform)
{
    [Fact]
    public async Task Logging_out_ends_the_session_its_tokens_and_its_cookie()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var cookie = await auth.LogInAsync(user.Email);
        var (tokens, sameSession) = (await auth.TokensAsync(cookie), await auth.TokensAsync(cookie));
        Assert.Equal(tokens.Claims.GetProperty("sid").GetString(), sameSession.Claims.GetProperty("sid").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await auth.SendAsync(HttpMethod.Post, "/auth/logout", tokens.Access)).Status);

        foreach (var ended in (Tokens[])[tokens, sameSession])
        {
            var refused = await auth.GetAsync("/auth/me", ended.Access);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (refused.Status, refused.Code));
            Assert.Equal("invalid_grant", (await auth.RefreshAsync(ended.Refresh)).Error);
        }
        var again = await auth.AuthorizeAsync(cookie, AuthClient.NewPkce().Challenge);
        Assert.StartsWith($"{AuthProcess.Issuer}/sign-in?return=%2Fconnect%2Fauthorize", again.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_can_be_signed_out_from_another_one_and_only_by_its_owner()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var laptop = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        var phone = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        var (_, stranger) = await auth.NewUserAsync();

        var devices = await DevicesAsync(auth, laptop);
        Assert.Equal(2, devices.Count);
        Assert.Equal(laptop.Claims.GetProperty("sid").GetGuid(), devices.Single(d => d.Current).Id);
        var other = devices.Single(d => !d.Current);
        Assert.Equal("127.0.0.1", other.Address);

        var foreign = await auth.DeleteAsync($"/auth/sessions/{other.Id}", stranger.Access);
        var absent = await auth.DeleteAsync($"/auth/sessions/{Guid.CreateVersion7()}", stranger.Access);
        Assert.Equal((HttpStatusCode.NotFound, absent.Status, absent.Code), (foreign.Status, foreign.Status, foreign.Code));
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", phone.Access)).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/sessions/{other.Id}", laptop.Access)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", phone.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", laptop.Access)).Status);
    }

    [Fact]
    public async Task All_others_can_be_signed_out_at_once()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        var own = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        var others = new[] { await auth.TokensAsync(await auth.LogInAsync(user.Email)), await auth.TokensAsync(await auth.LogInAsync(user.Email)) };

        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/sessions", own.Access)).Status);

        foreach (var other in others) Assert.Equal("invalid_grant", (await auth.RefreshAsync(other.Refresh)).Error);
        Assert.Equal([true], (await DevicesAsync(auth, own)).Select(d => d.Current));
        await auth.TokensAsync(await auth.LogInAsync(user.Email));
    }

    [Fact]
    public async Task A_token_given_back_ends_its_session()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var answer = await auth.SendAsync(HttpMethod.Post, "/connect/revoke", form: new Dictionary<string, string>
        {
            ["client_id"] = AuthClient.Client,
            ["token"] = tokens.Refresh,
            ["token_type_hint"] = "refresh_token",
        });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
    }

    private static async Task<IReadOnlyList<DeviceSession>> DevicesAsync(AuthClient auth, Tokens tokens) =>
        (await auth.GetAsync("/auth/sessions", tokens.Access)).As<Page<DeviceSession>>().Items;
}
