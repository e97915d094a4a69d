using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Throughline.Auth.Changes;
using Throughline.Auth.Retention;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Retention;

/// <summary>A hundred days later: what is over goes, and whoever reads the feed, or begins to, learns the same as before.</summary>
/// <remarks>On an auth of its own, because for all the others' sessions it would be a hundred days later too.</remarks>
public sealed class RemovingWhatIsOver
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_later_entries_replace_goes_once_no_reader_needs_it_and_the_rest_tells_the_same(bool isPostgres)
    {
        await using SharedAuth platform = isPostgres ? new PostgresAuth() : new SqliteAuth();
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (maya, tokens) = await auth.NewUserAsync();
        foreach (var name in (string[])["Mia", "Mo", "May"]) await auth.SendAsync(HttpMethod.Patch, "/auth/me", tokens.Access, new { name });
        var (gone, goneTokens) = await auth.NewUserAsync();
        await auth.SendAsync(HttpMethod.Patch, "/auth/me", goneTokens.Access, new { name = "Gone" });
        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", goneTokens.Access)).Status);
        await auth.SendAsync(HttpMethod.Post, "/auth/logout", tokens.Access);
        var before = await Feed.ReadAllAsync(auth, service);
        var end = await auth.ChangesAsync(service, before[^1].Seq);

        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(100));
        await using var node = new AuthNode(auth.Process, time);
        async Task PruneAsync(long? reader)
        {
            time.Advance(TimeSpan.FromMinutes(6));
            if (reader is { } place) await node.WithAsync<FeedReaders>(readers => { readers.Seen(place); return Task.CompletedTask; });
            await node.WithAsync<Pruning>(pruning => pruning.PruneAsync(Stop));
        }

        var places = await PlacesAsync(node);
        await PruneAsync(reader: null);
        Assert.Equal(places, await PlacesAsync(node)); // who knows what somebody needs

        var second = before.Where(c => c.UserId == maya.UserId).ElementAt(1).Seq;
        await PruneAsync(reader: second);
        Assert.Equal(places.Where(seq => seq >= second), (await PlacesAsync(node)).Where(seq => seq >= second));
        Assert.DoesNotContain(before.First(c => c.UserId == maya.UserId).Seq, await PlacesAsync(node));

        await PruneAsync(reader: before[^1].Seq);
        var after = await Feed.ReadAllAsync(auth, service);
        Assert.Equal(Final(before), Final(after));
        Assert.True(after.Count < before.Count);
        Assert.Equal(["May"], after.Where(c => c.UserId == maya.UserId && c.Kind == "user.upserted").Select(c => c.Name));
        Assert.Equal(["user.deleted"], after.Where(c => c.UserId == gone.UserId).Select(c => c.Kind));
        // Who stood at the end still knows the place, and hears what comes next.
        var next = await auth.GetAsync($"/internal/users/changes?after={before[^1].Seq}&mark={end.Mark!.Value.ToUnixTimeMilliseconds()}", service);
        Assert.False(next.As<UserChanges>().Rewritten);

        Assert.Equal((0, 0), await node.ReadAsync(async db => (await db.Sessions.CountAsync(Stop), await db.RefreshTokens.CountAsync(Stop))));
    }

    private static Task<List<long>> PlacesAsync(AuthNode node) => node.ReadAsync(db => db.Changes.OrderBy(c => c.Seq).Select(c => c.Seq).ToListAsync(Stop));

    /// <summary>What a reader knows of each user at the end.</summary>
    private static IEnumerable<(Guid, string?, string?, bool, long)> Final(List<UserChange> feed) => feed
        .Where(c => c.Kind != "session.revoked").GroupBy(c => c.UserId).Select(user => user.MaxBy(c => c.Version)!)
        .Select(c => (c.UserId, c.Name, c.Tier, c.Disabled, c.Version)).Order();
}
