using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests;

/// <summary>The feed, read to its end.</summary>
internal static class Feed
{
    public static async Task<List<UserChange>> ReadAllAsync(AuthClient auth, string service, long after = 0)
    {
        var all = new List<UserChange>();
        while (await auth.ChangesAsync(service, after) is { Items.Count: > 0 } page)
        {
            all.AddRange(page.Items);
            after = page.Next;
        }
        return all;
    }
}

public sealed class FollowingChangesOnSqlite(SqliteAuth platform) : FollowingChanges(platform);

public sealed class FollowingChangesOnPostgres(PostgresAuth platform) : FollowingChanges(platform);

public abstract class FollowingChanges(SharedAuth platform)
{
    [Fact]
    public async Task What_happens_to_a_user_is_told_in_its_order()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        await auth.SendAsync(HttpMethod.Patch, "/auth/me", tokens.Access, new { name = "Mia" });
        await auth.SendAsync(HttpMethod.Post, "/auth/logout", tokens.Access);

        var told = (await Feed.ReadAllAsync(auth, service)).Where(c => c.UserId == user.UserId).ToList();

        Assert.Equal(
            [("user.upserted", 1L, "Maya"), ("user.upserted", 2L, "Mia"), ("session.revoked", 2L, null)],
            told.Select(c => (c.Kind, c.Version, c.Name)));
        Assert.Equal(tokens.Claims.GetProperty("sid").GetGuid(), told[2].SessionId);
        Assert.Equal(told.OrderBy(c => c.Seq), told);
        Assert.Equal((user.Email, "free", "user", false), (told[1].Email, told[1].Tier, told[1].Role, told[1].Disabled));
    }

    [Fact]
    public async Task Whoever_waits_is_answered_as_soon_as_something_happens()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var last = (await Feed.ReadAllAsync(auth, service))[^1].Seq;

        // Others write at the same time: wait on until it is this user's turn.
        var waiting = WaitForAsync(auth, service, last, user.UserId);
        await auth.SendAsync(HttpMethod.Patch, "/auth/me", tokens.Access, new { name = "Mia" });

        Assert.Equal("Mia", (await waiting).Name);
    }

    [Fact]
    public async Task A_reader_who_keeps_up_with_many_writers_misses_nothing()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var after = (await Feed.ReadAllAsync(auth, service))[^1].Seq;
        const int Changes = 60;

        var reading = ReadUntilAsync(auth, service, after, user.UserId, Changes);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Changes), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) => await auth.SendAsync(HttpMethod.Patch, "/auth/me", tokens.Access, new { name = $"Maya {i}" }));

        Assert.Equal(Enumerable.Range(2, Changes).Select(v => (long)v), (await reading).Select(c => c.Version));
    }

    [Fact]
    public async Task Only_our_own_services_may_read_it()
    {
        var auth = await platform.ClientAsync();
        var service = await auth.ServiceTokenAsync();
        var (user, tokens) = await auth.NewUserAsync();
        foreach (var path in (string[])["/internal/users/changes", $"/internal/users/{user.UserId}"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync(path, tokens.Access)).Status);
            Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync(path, service)).Status);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", service)).Status);
    }

    private static async Task<UserChange> WaitForAsync(AuthClient auth, string service, long after, Guid userId) =>
        (await ReadUntilAsync(auth, service, after, userId, 1))[0];

    private static async Task<List<UserChange>> ReadUntilAsync(AuthClient auth, string service, long after, Guid userId, int count)
    {
        var mine = new List<UserChange>();
        while (mine.Count < count)
        {
            var page = await auth.ChangesAsync(service, after, wait: 20);
            Assert.NotEmpty(page.Items);
            mine.AddRange(page.Items.Where(c => c.UserId == userId));
            after = page.Next;
        }
        return mine;
    }
}
