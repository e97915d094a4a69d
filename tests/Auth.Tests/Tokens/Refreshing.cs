using System.Net;

namespace Throughline.Auth.Tests.TokenEndpoints;

public sealed class RefreshingOnSqlite(SqliteAuth platform) : Refreshing(platform);

public sealed class RefreshingOnPostgres(PostgresAuth platform) : Refreshing(platform);

public abstract class Refreshing(SharedAuth platform)
{
    [Fact]
    public async Task Each_use_gives_a_new_token_of_the_same_session()
    {
        var auth = await platform.ClientAsync();
        var (_, first) = await auth.NewUserAsync();
        var second = Tokens.Of(await auth.RefreshAsync(first.Refresh));
        var third = Tokens.Of(await auth.RefreshAsync(second.Refresh));
        Assert.Equal(3, new[] { first.Refresh, second.Refresh, third.Refresh }.Distinct().Count());
        Assert.Equal(first.Claims.GetProperty("sid").GetString(), third.Claims.GetProperty("sid").GetString());
        Assert.NotEqual(first.Claims.GetProperty("jti").GetString(), third.Claims.GetProperty("jti").GetString());
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", third.Access)).Status);
    }

    [Fact]
    public async Task A_repeat_gets_the_same_successor_until_that_is_used()
    {
        var auth = await platform.ClientAsync();
        var (_, first) = await auth.NewUserAsync();
        var successor = Tokens.Of(await auth.RefreshAsync(first.Refresh)).Refresh;
        Assert.Equal(successor, Tokens.Of(await auth.RefreshAsync(first.Refresh)).Refresh);

        var next = Tokens.Of(await auth.RefreshAsync(successor));
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(first.Refresh)).Error);

        // That was a reuse: the whole session is over.
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(next.Refresh)).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", next.Access)).Status);
    }

    [Fact]
    public async Task Eight_uses_at_once_leave_exactly_one_live_chain()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => auth.RefreshAsync(tokens.Refresh)));
            Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
            var successors = answers.Select(Tokens.Of).DistinctBy(t => t.Refresh).ToList();
            tokens = Assert.Single(successors);
        }
    }

    [Fact]
    public async Task A_token_is_good_for_its_own_client_only()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await auth.RefreshAsync(tokens.Refresh, "throughline-web")).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(tokens.Access)).Error);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync("tlr_" + new string('A', 43))).Error);
        Assert.Equal(HttpStatusCode.OK, (await auth.RefreshAsync(tokens.Refresh)).Status); // refused attempts cost nothing
    }
}

/// <summary>The time in which a repeat is a repeat set to nothing: what an attacker meets who comes later than that.</summary>
public sealed class ReusingARefreshTokenLater
{
    [Fact]
    public async Task Of_eight_uses_at_once_none_leaves_a_survivor()
    {
        await using var process = await AuthProcess.StartAsync(TestContext.Current.CancellationToken, ("Tokens__RefreshRepeat", "00:00:00"));
        var auth = new AuthClient(process);
        var user = await auth.SignUpAsync();
        for (var round = 0; round < 5; round++)
        {
            var tokens = await auth.TokensAsync(await auth.LogInAsync(user.Email));
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => auth.RefreshAsync(tokens.Refresh)));
            var winners = answers.Where(a => a.Status == HttpStatusCode.OK).Select(Tokens.Of).ToList();
            Assert.InRange(winners.Count, 0, 1);
            foreach (var winner in winners)
            {
                Assert.Equal("invalid_grant", (await auth.RefreshAsync(winner.Refresh)).Error);
                Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", winner.Access)).Status);
            }
        }
    }
}
