using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Admin;

/// <summary>With an auth of its own: other tests make administrators too.</summary>
public sealed class TheLastAdministrator
{
    [Fact]
    public async Task Cannot_be_demoted_disabled_or_deleted_and_of_two_one_stays()
    {
        await using var process = await AuthProcess.StartAsync(TestContext.Current.CancellationToken);
        var auth = new AuthClient(process);
        var admin = await auth.AdminAsync();
        var id = admin.Claims.GetProperty("sub").GetGuid();
        Answer[] refusals =
        [
            await Administering.PatchAsync(auth, admin, id, new { role = "user" }), await Administering.PatchAsync(auth, admin, id, new { disabled = true }),
            await auth.DeleteAsync("/auth/me", admin.Access),
        ];
        Assert.All(refusals, refused => Assert.Equal((HttpStatusCode.Conflict, "last_admin"), (refused.Status, refused.Code)));
        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", admin.Access)).Status);

        // Two who demote each other at the same moment: somebody is left.
        var (user, tokens) = await auth.NewUserAsync();
        await Administering.PatchAsync(auth, admin, user.UserId, new { role = "admin" });
        var answers = await Task.WhenAll(
            Administering.PatchAsync(auth, admin, user.UserId, new { role = "user" }), Administering.PatchAsync(auth, tokens, id, new { role = "user" }));
        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Is_made_once_from_the_secret_and_keeps_a_password_of_its_own()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var process = await AuthProcess.StartAsync(stop);
        var auth = new AuthClient(process);
        var admin = await auth.AdminAsync();
        var account = (await auth.GetAsync("/auth/me", admin.Access)).As<Account>();
        Assert.Equal(("admin@throughline.local", "admin", true), (account.Email, account.Role, account.EmailVerified));
        Assert.Equal("email_taken", (await auth.PostAsync("/auth/signup", new { email = "Admin@Throughline.local", password = AuthClient.Password })).Code);
        Assert.Equal("account.created success", (await Activity.OfAsync(auth, account.UserId))[^1]);
        Assert.DoesNotContain(process.Secret("admin-password"), process.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await auth.SendAsync(
            HttpMethod.Post, "/auth/password/change", admin.Access, new { current = process.Secret("admin-password"), password = "a-passphrase-of-my-own-1" })).Status);

        await process.StopAsync();
        await process.StartAsync(stop);

        auth = new AuthClient(process);
        await auth.LogInAsync("admin@throughline.local", "a-passphrase-of-my-own-1");
        Assert.Equal("invalid_credentials", (await auth.PostAsync("/auth/login", new { email = "admin@throughline.local", password = process.Secret("admin-password") })).Code);
    }
}
