using System.Globalization;
using System.Net;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Accounts;

/// <summary>Sign-ins are counted in the store, for all nodes; without it nobody signs in.</summary>
public sealed class LimitingLogins
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failures_on_two_nodes_are_counted_together_and_exactly()
    {
        const int quota = 8;
        (string, string)[] settings = [("Accounts__LoginFailuresPerAccount", $"{quota}"), ("Accounts__FailedLoginsPerAccount", "1000")];
        await using var left = await AuthProcess.StartAsync(Stop, settings);
        await using var right = await AuthProcess.StartAsync(Stop, settings);
        AuthClient[] nodes = [new(left), new(right)];
        // The owner's password is right on one of them: past the limit that tells nothing.
        var email = (await nodes[0].SignUpAsync()).Email;

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => GuessAsync(nodes[i % 2], "203.0.113.7", email)));

        // A busy machine answers some 503 before it looks at the password: those are not failures, and leave room for others.
        Assert.All(answers, a => Assert.Equal(a.Code, a.Status switch
        {
            HttpStatusCode.Unauthorized => "invalid_credentials",
            HttpStatusCode.TooManyRequests => "rate_limited",
            _ => "unavailable",
        }));
        var failures = answers.Count(a => a.Status == HttpStatusCode.Unauthorized);
        Assert.InRange(failures, 1, quota);
        while ((await GuessAsync(nodes[failures % 2], "203.0.113.7", email)).Status == HttpStatusCode.Unauthorized) failures++;
        Assert.Equal(quota, failures);
        var owner = await nodes[0].PostFromAsync("203.0.113.7", "/auth/login", new { email, password = AuthClient.Password });
        Assert.Equal(HttpStatusCode.TooManyRequests, owner.Status);
        Assert.InRange(int.Parse(owner.Headers["Retry-After"].Single(), CultureInfo.InvariantCulture), 1, (int)Math.Ceiling(15.0 * 60 / quota)); // seconds are whole, and rounded up
        // The owner's own door, at another address, is open.
        Assert.Equal(HttpStatusCode.NoContent, (await nodes[0].PostFromAsync("198.51.100.1", "/auth/login", new { email, password = AuthClient.Password })).Status);
    }

    [Fact]
    public async Task A_success_costs_nothing()
    {
        await using var process = await AuthProcess.StartAsync(Stop, ("Accounts__LoginFailuresPerAccount", "2"));
        var auth = new AuthClient(process);
        var email = (await auth.SignUpAsync()).Email;
        for (var i = 0; i < 6; i++) await auth.LogInAsync(email);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync(auth, "203.0.113.9", email)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync(auth, "203.0.113.9", email)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GuessAsync(auth, "203.0.113.9", email)).Status);
    }

    [Fact]
    public async Task While_the_store_is_away_nobody_signs_in_and_whoever_is_signed_in_stays()
    {
        using var state = new TestState().WithSecrets();
        var port = new Dictionary<string, string> { ["Listen__Port"] = $"{Machine.FreePort()}" };
        await using var store = await ServiceProcess.StartAsync("store", state, port, Stop);
        await using var process = await AuthProcess.StartAsync(Stop);
        await process.StopAsync();
        process.Set("Store__Address", $"127.0.0.1:{port["Listen__Port"]}");
        File.Copy(state.PathOf("secrets", "store-password"), Path.Combine(process.State, "secrets", "store-password"), overwrite: true);
        await process.StartAsync(Stop);
        var auth = new AuthClient(process);
        var (user, tokens) = await auth.NewUserAsync();

        store.Program.Kill();
        await store.Program.WaitForExitAsync(Stop);

        foreach (var password in (string[])[AuthClient.Password, "not-the-password", AuthClient.Password, AuthClient.Password])
        {
            var refused = await auth.PostAsync("/auth/login", new { email = user.Email, password });
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (refused.Status, refused.Code));
            Assert.Equal("10", refused.Headers["Retry-After"].Single());
        }

        Assert.Equal(HttpStatusCode.OK, (await auth.GetAsync("/auth/me", tokens.Access)).Status);
        Assert.Equal(HttpStatusCode.OK, (await auth.RefreshAsync(tokens.Refresh)).Status);

        // Who calls no more, because it failed three times, tries again after ten seconds; a store that is back is noticed before.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(TimeSpan.FromSeconds(9.5));
        await using var again = await ServiceProcess.StartAsync("store", state, port, Stop);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await auth.PostAsync("/auth/login", new { email = user.Email, password = AuthClient.Password })).Status != HttpStatusCode.NoContent)
            await look.WaitForNextTickAsync(deadline.Token);
    }

    private static Task<Answer> GuessAsync(AuthClient auth, string address, string email) =>
        auth.PostFromAsync(address, "/auth/login", new { email, password = "not-the-password" });
}
