using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Tests.Admin;

public sealed class AdministeringOnSqlite(SqliteAuth platform) : Administering(platform);

public sealed class AdministeringOnPostgres(PostgresAuth platform) : Administering(platform);

public abstract class Administering(SharedAuth platform)
{
    [Fact]
    public async Task A_change_of_tier_is_told_to_other_services_and_needs_no_new_sign_in()
    {
        var auth = await platform.ClientAsync();
        var (admin, service) = (await auth.AdminAsync(), await auth.ServiceTokenAsync());
        var (user, tokens) = await auth.NewUserAsync();
        var before = await auth.GetAsync($"/auth/admin/users/{user.UserId}", admin.Access);

        var changed = await PatchAsync(auth, admin, user.UserId, new { tier = "enterprise" }, before.ETag);
        var stale = await PatchAsync(auth, admin, user.UserId, new { tier = "free" }, before.ETag);

        Assert.Equal((HttpStatusCode.OK, "enterprise", 2L, 1), (changed.Status, changed.As<AdminUser>().Tier, changed.As<AdminUser>().Version, changed.As<AdminUser>().Sessions));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition_failed"), (stale.Status, stale.Code));
        Assert.Equal("enterprise", (await auth.GetAsync("/auth/me", tokens.Access)).As<Account>().Tier);
        var told = (await Feed.ReadAllAsync(auth, service)).Last(c => c.UserId == user.UserId);
        Assert.Equal(("user.upserted", 2L, "enterprise"), (told.Kind, told.Version, told.Tier));
        var entry = (await Activity.ReadAsync(auth, $"user={user.UserId}&event=admin.action")).Single();
        Assert.Equal(("tier free → enterprise", admin.Claims.GetProperty("sub").GetGuid()), (entry.Detail, entry.ActorId));
    }

    [Fact]
    public async Task Whoever_is_disabled_is_out_at_once_and_looks_like_a_wrong_password()
    {
        var auth = await platform.ClientAsync();
        var (admin, service) = (await auth.AdminAsync(), await auth.ServiceTokenAsync());
        var (user, tokens) = await auth.NewUserAsync();

        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(auth, admin, user.UserId, new { disabled = true })).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(tokens.Refresh)).Error);
        var refused = await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password });
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), (refused.Status, refused.Code));
        var told = (await Feed.ReadAllAsync(auth, service)).Where(c => c.UserId == user.UserId).ToList();
        Assert.Equal([("user.upserted", false), ("user.upserted", true), ("session.revoked", false)], told.Select(c => (c.Kind, c.Disabled)));
        Assert.Equal(tokens.Claims.GetProperty("sid").GetGuid(), told[^1].SessionId);

        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(auth, admin, user.UserId, new { disabled = false })).Status);
        await auth.LogInAsync(user.Email);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status); // the old session stays over
        Assert.Equal(
            ["login success", "admin.action success", "login denied", "session.revoked success", "admin.action success"],
            (await Activity.OfAsync(auth, user.UserId)).Take(5));
    }

    [Fact]
    public async Task A_role_counts_at_once_whatever_the_token_claims()
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var refused = await auth.GetAsync("/auth/admin/users", tokens.Access);
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refused.Status, refused.Code));

        Assert.Equal("admin", (await PatchAsync(auth, admin, user.UserId, new { role = "admin" })).As<AdminUser>().Role);
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/admin/users", tokens.Access)).Status);
        var renewed = Tokens.Of(await auth.RefreshAsync(tokens.Refresh));
        Assert.Equal("admin", renewed.Claims.GetProperty("role").GetString());

        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(auth, admin, user.UserId, new { role = "user" })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/admin/users", renewed.Access)).Status); // its sessions have ended
        var again = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        Assert.Equal(HttpStatusCode.Forbidden, (await auth.GetAsync("/auth/admin/users", again.Access)).Status);
        Assert.Equal(2, (await Activity.OfAsync(auth, user.UserId)).Count(e => e == "access.denied denied"));
    }

    [Fact]
    public async Task Everybody_but_administrators_is_turned_away_from_every_route()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var service = await auth.ServiceTokenAsync();
        foreach (var (method, path) in ((HttpMethod, string)[])[
            (HttpMethod.Get, "/auth/admin/users"), (HttpMethod.Get, $"/auth/admin/users/{user.UserId}"), (HttpMethod.Patch, $"/auth/admin/users/{user.UserId}"),
            (HttpMethod.Delete, $"/auth/admin/users/{user.UserId}/sessions"), (HttpMethod.Get, "/auth/admin/audit")])
        {
            var body = method == HttpMethod.Patch ? new { role = "admin" } : null;
            Assert.Equal(HttpStatusCode.Forbidden, (await auth.SendAsync(method, path, tokens.Access, body)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.SendAsync(method, path, null, body)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await auth.SendAsync(method, path, service, body)).Status);
        }
        Assert.Equal("user", (await auth.GetAsync("/auth/me", tokens.Access)).As<Account>().Role);
    }

    [Fact]
    public async Task Users_are_found_page_by_page_newest_first()
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var mark = $"find-{Guid.NewGuid():N}";
        var users = new List<SignUpResponse>();
        for (var i = 0; i < 3; i++) users.Add(await auth.SignUpAsync($"{mark}-{i}@example.com"));

        var first = await ListAsync($"query={mark.ToUpperInvariant()}&limit=2");
        var second = await ListAsync($"query={mark}&limit=2&cursor={first.Next}");

        Assert.Equal(users.Select(u => u.UserId).Reverse(), first.Items.Concat(second.Items).Select(u => u.UserId));
        Assert.Null(second.Next);
        Assert.Equal([(0, false, "user")], second.Items.Select(u => (u.Sessions, u.Disabled, u.Role)));
        Assert.Empty((await ListAsync($"query={mark}%25")).Items); // a sign of patterns is only a sign
        foreach (var wrong in (string[])["limit=0", "cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, (await auth.GetAsync($"/auth/admin/users?{wrong}", admin.Access)).Status);

        async Task<Page<AdminUser>> ListAsync(string query) => (await auth.GetAsync($"/auth/admin/users?{query}", admin.Access)).As<Page<AdminUser>>();
    }

    [Fact]
    public async Task A_user_can_be_signed_out_everywhere()
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var user = await auth.SignUpAsync();
        var devices = new[] { await auth.TokensAsync(await auth.LogInAsync(user.Email)), await auth.TokensAsync(await auth.LogInAsync(user.Email)) };

        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync($"/auth/admin/users/{user.UserId}/sessions", admin.Access)).Status);

        foreach (var device in devices) Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", device.Access)).Status);
        var told = (await Activity.ReadAsync(auth, $"user={user.UserId}")).Take(3).ToList();
        Assert.Equal(["admin.action", "session.revoked", "session.revoked"], told.Select(e => e.Event));
        Assert.All(told, e => Assert.Equal(admin.Claims.GetProperty("sub").GetGuid(), e.ActorId));
        await auth.LogInAsync(user.Email);
    }

    [Theory]
    [InlineData("tier", "gold")]
    [InlineData("role", "Admin")]
    public async Task A_value_that_there_is_not_is_named(string member, string value)
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var user = await auth.SignUpAsync();
        var refused = await PatchAsync(auth, admin, user.UserId, new Dictionary<string, string> { [member] = value });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_field"), (refused.Status, refused.Code));
        Assert.Equal([member], refused.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task A_user_that_there_is_not_is_not_found()
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var path = $"/auth/admin/users/{Guid.CreateVersion7()}";
        Assert.Equal("not_found", (await auth.GetAsync(path, admin.Access)).Code);
        Assert.Equal("not_found", (await auth.SendAsync(HttpMethod.Patch, path, admin.Access, new { tier = "mid" })).Code);
        Assert.Equal("not_found", (await auth.DeleteAsync($"{path}/sessions", admin.Access)).Code);
    }

    internal static Task<Answer> PatchAsync(AuthClient auth, Tokens admin, Guid userId, object patch, string? ifMatch = null) => auth.SendAsync(
        HttpMethod.Patch, $"/auth/admin/users/{userId}", admin.Access, patch, headers: ifMatch is null ? [] : [("If-Match", ifMatch)]);
}
