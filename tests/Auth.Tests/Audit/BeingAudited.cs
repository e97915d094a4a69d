using System.Net;
using Throughline.Contracts.Accounts;
using Throughline.Contracts.Threads;

namespace Throughline.Auth.Tests.Audit;

public sealed class BeingAuditedOnSqlite(SqliteAuth platform) : BeingAudited(platform);

public sealed class BeingAuditedOnPostgres(PostgresAuth platform) : BeingAudited(platform);

public abstract class BeingAudited(SharedAuth platform)
{
    [Fact]
    public async Task An_accounts_life_is_told_with_who_where_and_how_it_ended()
    {
        var auth = await platform.ClientAsync();
        var user = await auth.SignUpAsync();
        await auth.PostAsync("/auth/login", new { email = user.Email, password = "not-the-password" });
        var (first, second) = (await auth.TokensAsync(await auth.LogInAsync(user.Email)), await auth.TokensAsync(await auth.LogInAsync(user.Email)));
        await auth.SendAsync(HttpMethod.Patch, "/auth/me", first.Access, new { name = "Mia" });
        await auth.DeleteAsync($"/auth/sessions/{second.Claims.GetProperty("sid").GetGuid()}", first.Access);
        await auth.SendAsync(HttpMethod.Post, "/auth/logout", first.Access);
        var last = await auth.TokensAsync(await auth.LogInAsync(user.Email));
        await auth.DeleteAsync("/auth/me", last.Access);

        var told = await Activity.ReadAsync(auth, $"user={user.UserId}");

        Assert.Equal(
            ["account.deleted success", "login success", "logout success", "session.revoked success", "account.changed success",
                "login success", "login success", "login failure", "account.created success"],
            told.Select(e => $"{e.Event} {e.Outcome}"));
        Assert.All(told, e => Assert.Equal(("127.0.0.1", (Guid?)null, 32, 64), (e.Address, e.ActorId, e.TraceId!.Length, e.Hash.Length)));
        Assert.Equal(second.Claims.GetProperty("sid").GetGuid(), told.Single(e => e.Event == "session.revoked").SessionId);
        Assert.Equal(told.Select(e => e.Seq).OrderDescending(), told.Select(e => e.Seq));
        Assert.DoesNotContain(told, e => e.Detail?.Contains(user.Email, StringComparison.OrdinalIgnoreCase) == true);
    }

    [Fact]
    public async Task A_sign_in_with_an_e_mail_that_nobody_has_is_told_without_it()
    {
        var auth = await platform.ClientAsync();
        var email = AuthClient.NewEmail();
        await auth.SendAsync(HttpMethod.Post, "/auth/login", json: new { email, password = "not-the-password" }, headers: [("User-Agent", email[..20])]);
        var told = (await Activity.ReadAsync(auth, "event=login")).First(e => e.UserAgent == email[..20]);
        Assert.Equal(("login", "failure", (Guid?)null, "No account has this e-mail."), (told.Event, told.Outcome, told.UserId, told.Detail));
    }

    [Fact]
    public async Task People_see_what_happened_to_their_own_account_and_not_where_an_administrator_sits()
    {
        var auth = await platform.ClientAsync();
        var admin = await auth.AdminAsync();
        var (user, tokens) = await auth.NewUserAsync();
        await auth.SendAsync(HttpMethod.Patch, $"/auth/admin/users/{user.UserId}", admin.Access, new { tier = "mid" });

        var first = (await auth.GetAsync("/auth/activity?limit=2", tokens.Access)).As<Page<AuditRecord>>();
        var rest = (await auth.GetAsync($"/auth/activity?limit=2&cursor={first.Next}", tokens.Access)).As<Page<AuditRecord>>();

        Assert.Equal(["admin.action", "login", "account.created"], first.Items.Concat(rest.Items).Select(e => e.Event));
        Assert.Null(rest.Next);
        Assert.Equal((null, null, "tier free → mid"), (first.Items[0].Address, first.Items[0].ActorId, first.Items[0].Detail));
        Assert.All(first.Items.Concat(rest.Items), e => Assert.Equal(user.UserId, e.UserId));
        foreach (var wrong in (string[])["limit=0", "limit=201", "cursor=x!", "cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, (await auth.GetAsync($"/auth/activity?{wrong}", tokens.Access)).Status);
    }
}
