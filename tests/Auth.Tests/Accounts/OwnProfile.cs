using System.Net;
using Throughline.Contracts.Accounts;

namespace Throughline.Auth.Tests.Accounts;

public sealed class OwnProfile(SqliteAuth platform)
{
    [Fact]
    public async Task A_change_is_made_only_to_the_version_it_was_meant_for()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var first = await auth.GetAsync("/auth/me", tokens.Access);
        Assert.Equal(("Maya", 1L, user.UserId), (first.As<Account>().Name, first.As<Account>().Version, first.As<Account>().UserId));

        var renamed = await PatchAsync(auth, tokens, "Mia", first.ETag);
        var stale = await PatchAsync(auth, tokens, "Moe", first.ETag);
        var malformed = await PatchAsync(auth, tokens, "Moe", "1");
        var anyVersion = await PatchAsync(auth, tokens, "Max", "*");

        Assert.Equal((HttpStatusCode.OK, "Mia", 2L), (renamed.Status, renamed.As<Account>().Name, renamed.As<Account>().Version));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition_failed"), (stale.Status, stale.Code));
        Assert.Equal(HttpStatusCode.PreconditionFailed, malformed.Status);
        Assert.Equal(("Max", 3L), (anyVersion.As<Account>().Name, anyVersion.As<Account>().Version));
    }

    [Fact]
    public async Task Of_eight_changes_to_one_version_one_succeeds()
    {
        var auth = await platform.ClientAsync();
        var (_, tokens) = await auth.NewUserAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PatchAsync(auth, tokens, $"Maya {i}", "\"1\"")));
        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task A_deleted_account_is_gone_but_for_its_tombstone()
    {
        var auth = await platform.ClientAsync();
        var (user, tokens) = await auth.NewUserAsync();
        var service = await auth.ServiceTokenAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await auth.DeleteAsync("/auth/me", tokens.Access)).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal("invalid_grant", (await auth.RefreshAsync(tokens.Refresh)).Error);
        Assert.Equal("invalid_credentials", (await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await auth.GetAsync($"/internal/users/{user.UserId}", service)).Status);
        var left = (await Feed.ReadAllAsync(auth, service)).Where(c => c.UserId == user.UserId).ToList();
        Assert.Equal([("user.deleted", 2L, null)], left.Select(c => (c.Kind, c.Version, c.Email)));
        await auth.SignUpAsync(user.Email); // the e-mail is free again
    }

    private static Task<Answer> PatchAsync(AuthClient auth, Tokens tokens, string name, string ifMatch) =>
        auth.SendAsync(HttpMethod.Patch, "/auth/me", tokens.Access, new { name }, headers: ("If-Match", ifMatch));
}
