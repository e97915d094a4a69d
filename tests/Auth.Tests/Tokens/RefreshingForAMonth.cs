using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Throughline.Auth.Sessions;
using Throughline.Auth.Tokens;

namespace Throughline.Auth.Tests.TokenEndpoints;

public sealed class RefreshingForAMonthOnSqlite(SqliteAuth platform) : RefreshingForAMonth(platform);

public sealed class RefreshingForAMonthOnPostgres(PostgresAuth platform) : RefreshingForAMonth(platform);

/// <summary>Auth's own store on its own database, and a clock that a test can move.</summary>
public abstract class RefreshingForAMonth(SharedAuth platform)
{
    private static readonly Device Laptop = new("127.0.0.1", "tests");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ends_thirty_days_after_the_sign_in_however_often_it_was_renewed()
    {
        var (node, time, session) = await BeginAsync();
        await using var _ = node;
        var signedIn = time.GetUtcNow();
        var token = await IssueAsync(node, session);
        for (var day = 6; day < 30; day += 6)
        {
            time.SetUtcNow(signedIn.AddDays(day));
            token = await RedeemAsync(node, token) ?? throw new InvalidOperationException($"Refused on day {day}.");
        }

        time.SetUtcNow(signedIn.AddDays(30).AddSeconds(-1));
        token = await RedeemAsync(node, token);
        Assert.NotNull(token);
        Assert.Equal(session.ExpiresAt, (await FindAsync(node, token))!.ExpiresAt); // not another seven days

        time.SetUtcNow(signedIn.AddDays(30));
        Assert.Null(await FindAsync(node, token));
        Assert.Null(await node.WithAsync<SessionStore, LiveSession?>(sessions => sessions.FindLiveAsync(session.Id, Stop)));
        Assert.Null(await node.WithAsync<RefreshTokenStore, string?>(async store => await store.RedeemAsync(token, await LiveAsync(node, session), Laptop, Stop)));
        await AssertNotTakenForAReuseAsync(node, session);
    }

    [Fact]
    public async Task Ends_after_seven_days_in_which_nobody_renewed_it()
    {
        var (node, time, session) = await BeginAsync();
        await using var _ = node;
        var token = await IssueAsync(node, session);
        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        token = await RedeemAsync(node, token);
        Assert.NotNull(token);
        time.Advance(TimeSpan.FromDays(7));
        Assert.Null(await FindAsync(node, token));
        Assert.Null(await RedeemAsync(node, token)); // which the token endpoint would not even ask
        await AssertNotTakenForAReuseAsync(node, session);
    }

    [Fact]
    public async Task A_repeat_is_one_for_ten_seconds()
    {
        var (node, time, session) = await BeginAsync();
        await using var _ = node;
        var token = await IssueAsync(node, session);
        var successor = await RedeemAsync(node, token);
        time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(successor, await RedeemAsync(node, token));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await RedeemAsync(node, token));
        Assert.NotNull(await node.ReadAsync(db => db.Sessions.Where(s => s.Id == session.Id).Select(s => s.RevokedAt).SingleAsync(Stop)));
    }

    private async Task<(AuthNode Node, FakeTimeProvider Time, Session Session)> BeginAsync()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        // Whole milliseconds, which is what the database keeps.
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        var node = new AuthNode(auth.Process, time);
        var account = await node.ReadAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == user.UserId, Stop));
        return (node, time, (await node.WithAsync<SessionStore, Session?>(sessions => sessions.BeginAsync(account, Laptop, "password", Stop)))!);
    }

    private static Task<string> IssueAsync(AuthNode node, Session session) =>
        node.WithAsync<RefreshTokenStore, string>(store => store.IssueAsync(session, "throughline-cli", "api", Stop));

    private static Task<RefreshToken?> FindAsync(AuthNode node, string token) =>
        node.WithAsync<RefreshTokenStore, RefreshToken?>(store => store.FindAsync(token, Stop));

    private static async Task<string?> RedeemAsync(AuthNode node, string token)
    {
        var row = await node.ReadAsync(db => db.RefreshTokens.AsNoTracking().SingleAsync(t => t.Hash == System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)), Stop));
        var session = await node.ReadAsync(db => db.Sessions.AsNoTracking().SingleAsync(s => s.Id == row.SessionId, Stop));
        var live = await LiveAsync(node, session);
        return await node.WithAsync<RefreshTokenStore, string?>(store => store.RedeemAsync(token, live, Laptop, Stop));
    }

    private static async Task<LiveSession> LiveAsync(AuthNode node, Session session) =>
        new(session, await node.ReadAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == session.UserId, Stop)));

    /// <summary>An end is no attack: nothing is revoked, nothing is told.</summary>
    private static async Task AssertNotTakenForAReuseAsync(AuthNode node, Session session)
    {
        Assert.Null(await node.ReadAsync(db => db.Sessions.Where(s => s.Id == session.Id).Select(s => s.RevokedAt).SingleAsync(Stop)));
        Assert.False(await node.ReadAsync(db => db.AuditEntries.AnyAsync(e => e.SessionId == session.Id && e.Event == "refresh.reused", Stop)));
    }
}
