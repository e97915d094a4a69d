using System.Globalization;
using System.Net;
using Throughline.Auth.Tests.Mail;

namespace Throughline.Auth.Tests.Accounts;

/// <summary>Attacks on a password from one place and from many. Addresses come through the frontend, as they do in earnest.</summary>
public sealed class Guessing : IAsyncLifetime
{
    private const string Home = "198.51.100.1";
    private AuthProcess _process = null!;
    private AuthClient _auth = null!;

    public async ValueTask InitializeAsync()
    {
        _process = await AuthProcess.StartAsync(
            TestContext.Current.CancellationToken, ("Accounts__FailedLoginsPerAccount", "3"), ("Accounts__FailedLoginsPerAddress", "6"),
            ("Accounts__FailedLoginsFromEverywhere", "8"), ("Accounts__FirstLoginWait", "00:02:00"),
            // Hexadecimal: requests that come at once are taken up at once, however few cores there are.
            ("DOTNET_ThreadPool_ForceMinWorkerThreads", "20"));
        _auth = new(_process);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [Fact]
    public async Task An_attacker_at_one_address_locks_nobody_out_at_another()
    {
        var email = (await _auth.SignUpAsync()).Email;
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync("203.0.113.7", email)).Status);

        var slowed = await TryAsync("203.0.113.7", email, AuthClient.Password); // even the right one
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (slowed.Status, slowed.Code));
        Assert.InRange(RetryAfter(slowed), 110, 120);
        Assert.Equal(HttpStatusCode.NoContent, (await TryAsync(Home, email, AuthClient.Password)).Status);
    }

    [Fact]
    public async Task A_success_forgets_the_failures_before_it()
    {
        var email = (await _auth.SignUpAsync()).Email;
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync(Home, email)).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await TryAsync(Home, email, AuthClient.Password)).Status);
        }
    }

    [Fact]
    public async Task Of_many_guesses_at_once_those_past_the_limit_learn_nothing()
    {
        var email = (await _auth.SignUpAsync()).Email;
        var guesses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => GuessAsync("203.0.113.8", email)));
        Assert.InRange(guesses.Count(a => a.Status == HttpStatusCode.Unauthorized), 3, 4); // two are verified at once
        Assert.All(guesses.Where(a => a.Status != HttpStatusCode.Unauthorized), a => Assert.Equal(HttpStatusCode.TooManyRequests, a.Status));
    }

    [Fact]
    public async Task An_address_that_tries_many_accounts_is_slowed_and_an_ipv6_address_is_its_network()
    {
        for (var i = 0; i < 6; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync($"2001:db8:1:2::{i + 1:x}", AuthClient.NewEmail())).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GuessAsync("2001:db8:1:2:ffff::1", AuthClient.NewEmail())).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync("2001:db8:1:3::1", AuthClient.NewEmail())).Status);
    }

    [Fact]
    public async Task An_attack_from_everywhere_slows_new_places_and_leaves_the_owners_open()
    {
        var email = (await _auth.SignUpAsync()).Email;
        Assert.Equal(HttpStatusCode.NoContent, (await TryAsync(Home, email, AuthClient.Password)).Status);
        for (var i = 0; i < 8; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync($"203.0.113.{i + 20}", email)).Status);

        var elsewhere = await TryAsync("203.0.113.99", email, AuthClient.Password);
        Assert.Equal(HttpStatusCode.TooManyRequests, elsewhere.Status);
        Assert.InRange(RetryAfter(elsewhere), 110, 120);
        Assert.Equal(HttpStatusCode.NoContent, (await TryAsync(Home, email, AuthClient.Password)).Status);

        // On a journey the owner has the mailbox still: a new password lets the brake go.
        await _auth.PostFromAsync("203.0.113.99", "/auth/password/forgot", new { email });
        var code = (await Mailbox.WaitAsync(_process, email, Subjects.Reset)).Code;
        Assert.Equal(HttpStatusCode.NoContent, (await _auth.PostFromAsync("203.0.113.99", "/auth/password/reset", new { code, password = "another-good-passphrase-5" })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await TryAsync("203.0.113.99", email, "another-good-passphrase-5")).Status);
    }

    [Fact]
    public async Task An_account_that_nobody_has_is_slowed_alike()
    {
        var email = AuthClient.NewEmail();
        for (var i = 0; i < 8; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await GuessAsync($"203.0.113.{i + 120}", email)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GuessAsync("203.0.113.199", email)).Status);
    }

    private Task<Answer> GuessAsync(string address, string email) => TryAsync(address, email, "not-the-password");

    private Task<Answer> TryAsync(string address, string email, string password) => _auth.PostFromAsync(address, "/auth/login", new { email, password });

    private static int RetryAfter(Answer answer) => int.Parse(answer.Headers["Retry-After"].Single(), CultureInfo.InvariantCulture);
}
