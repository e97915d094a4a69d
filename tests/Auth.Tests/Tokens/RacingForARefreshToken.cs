using System.Net;
using Microsoft.EntityFrameworkCore;
using Throughline.Auth.Audit;
using Throughline.Testing;

namespace Throughline.Auth.Tests.TokenEndpoints;

public sealed class RacingForARefreshTokenOnSqlite(SqliteAuth platform) : RacingForARefreshToken(platform);

public sealed class RacingForARefreshTokenOnPostgres(PostgresAuth platform) : RacingForARefreshToken(platform);

/// <summary>
/// Each round a session of its own: eight uses of its refresh token at once, which leave one chain; then a replay of that token, of which
/// nothing survives, though the rightful client refreshes at the same moment.
/// </summary>
public abstract class RacingForARefreshToken(SharedAuth platform)
{
    private const int Uses = 8;
    private const int RoundsAtOnce = 4;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_uses_leave_one_live_chain_and_a_later_replay_leaves_none()
    {
        var rounds = SuiteSize.Of(100, 1000);
        var auth = await platform.ClientAsync();
        await using var node = new AuthNode(auth.Process);
        var began = TimeProvider.System.GetTimestamp();
        var rightfulWon = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, RoundsAtOnce), Stop, async (lane, _) =>
        {
            var user = await auth.SignUpAsync();
            for (var round = lane; round < rounds; round += RoundsAtOnce)
            {
                var first = await auth.TokensAsync(await auth.LogInAsync(user.Email));
                var successor = await RaceAsync(auth, node, first);
                if (await ReplayAsync(auth, node, first, successor)) Interlocked.Increment(ref rightfulWon);
            }
        });
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{GetType().Name}: {rounds} rounds × {Uses} uses at once, {rounds} live chains, one each; {rounds} × {Uses} replays, 0 survivors; "
            + $"in {rightfulWon} rounds the rightful client's refresh came before the revocation. {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s. No seed: the races are the scheduler's.");
    }

    /// <returns>The one successor.</returns>
    private static async Task<Tokens> RaceAsync(AuthClient auth, AuthNode node, Tokens first)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Uses).Select(_ => auth.RefreshAsync(first.Refresh)));
        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.OK, $"{a.Status}: {a.Body}"));
        var successor = Assert.Single(answers.Select(Tokens.Of).DistinctBy(t => t.Refresh));
        Assert.Equal(1, await node.ReadAsync(db => db.RefreshTokens.CountAsync(t => t.SessionId == first.SessionId && t.RedeemedAt == null, Stop)));
        Assert.Equal(2, await node.ReadAsync(db => db.RefreshTokens.CountAsync(t => t.SessionId == first.SessionId, Stop)));
        return successor;
    }

    /// <returns>Whether the rightful client's refresh, in the middle of the replays, came first.</returns>
    private static async Task<bool> ReplayAsync(AuthClient auth, AuthNode node, Tokens first, Tokens successor)
    {
        var current = Tokens.Of(await auth.RefreshAsync(successor.Refresh));
        var rightful = auth.RefreshAsync(current.Refresh);
        var replays = await Task.WhenAll(Enumerable.Range(0, Uses).Select(_ => auth.RefreshAsync(first.Refresh)));
        var answer = await rightful;
        Assert.All(replays, r => Assert.True(r.Error == "invalid_grant", $"{r.Status}: {r.Body}"));
        Assert.True(answer.Status == HttpStatusCode.OK || answer.Error == "invalid_grant", $"{answer.Status}: {answer.Body}");

        List<Tokens> held = [first, successor, current, .. answer.Status == HttpStatusCode.OK ? [Tokens.Of(answer)] : (Tokens[])[]];
        foreach (var tokens in held)
        {
            Assert.Equal("invalid_grant", (await auth.RefreshAsync(tokens.Refresh)).Error);
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        }
        await AssertRevokedOnceAsync(node, first.SessionId);
        return answer.Status == HttpStatusCode.OK;
    }

    /// <summary>In the database: no token is left, the session is revoked, and that was told once to the services and once to the audit log.</summary>
    private static async Task AssertRevokedOnceAsync(AuthNode node, Guid session)
    {
        Assert.Equal(0, await node.ReadAsync(db => db.RefreshTokens.CountAsync(t => t.SessionId == session, Stop)));
        Assert.NotNull((await node.ReadAsync(db => db.Sessions.AsNoTracking().SingleAsync(s => s.Id == session, Stop))).RevokedAt);
        Assert.Equal(1, await node.ReadAsync(db => db.Changes.CountAsync(c => c.SessionId == session && c.Kind == "session.revoked", Stop)));
        var entry = await node.ReadAsync(db => db.AuditEntries.AsNoTracking().SingleAsync(e => e.SessionId == session && e.Event == AuditEvents.RefreshReused, Stop));
        Assert.Equal(("denied", "127.0.0.1"), (entry.Outcome, entry.Address));
    }
}
