using System.Net.Http.Headers;
using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Syncing;

public sealed class SyncingThroughKills() : SyncingThroughKillsWith(new Services());

public sealed class SyncingThroughKillsOnPostgres() : SyncingThroughKillsWith(new SyncServicesOnPostgres(), fullOnly: true);

/// <summary>Auth or the backend is killed at random moments while names change: what was acknowledged arrives, once and in order.</summary>
public abstract class SyncingThroughKillsWith(Services services, bool fullOnly = false) : IAsyncLifetime
{
    private const int Users = 8;

    private static readonly int Kills = SuiteSize.Of(8, 200);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMilliseconds(700);

    private readonly Services _services = services;
    private readonly Random _random = new(SuiteSize.Seed);
    private volatile Task _authIsUp = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        if (fullOnly) SuiteSize.RequireFull();
        await _services.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task What_was_acknowledged_arrives_once_and_in_order()
    {
        var stop = TestContext.Current.CancellationToken;
        var users = new List<Renaming>();
        for (var i = 0; i < Users; i++) users.Add(new(_services, await _services.SignUpAsync("sync", stop)));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var writing = users.Select(user => WriteAsync(user, ending.Token)).ToList();

        var (ofAuth, ofBackend) = (0, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            // The moment of the kill is what is random here.
            await Task.Delay(LongestLife * _random.NextDouble(), TimeProvider.System, stop);
            if (_random.Next(2) == 0)
            {
                ofAuth++;
                await Services.KillAsync(_services.Auth, stop);
                await (_authIsUp = _services.StartAuthAsync(stop));
            }
            else
            {
                ofBackend++;
                await Services.KillAsync(_services.Backend, stop);
                await _services.StartBackendAsync(stop);
            }
        }

        await ending.CancelAsync();
        await Task.WhenAll(writing);
        await AssertAllArrivedAsync(users, stop);
        await AssertToldOnceAsync(users, stop);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {SuiteSize.Seed}: {ofAuth} kills of auth, {ofBackend} of the backend; {users.Sum(u => u.Acknowledged.Count - 1)} changes acknowledged of {users.Sum(u => u.Attempts)} sent; 0 lost, 0 doubled, 0 out of order");
    }

    /// <summary>Writes on whenever auth is up; an attempt that got no answer may have been made or not.</summary>
    private async Task WriteAsync(Renaming user, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _authIsUp.WaitAsync(stop);
                await user.RenameAsync(_services.Auth.Url, stop);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
            {
                // Auth was killed, or the test ends.
            }
        }
    }

    private async Task AssertAllArrivedAsync(List<Renaming> users, CancellationToken stop)
    {
        using var auth = await _services.ServiceHttpAsync(_services.Auth.Url, stop);
        using var backend = Client.ThroughlineHttp.Create(_services.Backend.Url);
        foreach (var user in users)
        {
            var there = await (await auth.GetAsync($"/internal/users/{user.Member.UserId}", stop)).ReadAsync(WireJson.Default.Account, stop);
            user.AssertInOrder(there.Version);
            var (version, name) = user.Acknowledged[^1];
            Assert.True(there.Version > version || there.Name == name, $"Auth lost '{name}' (version {version}): it has '{there.Name}' (version {there.Version}).");

            backend.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", user.Member.AccessToken);
            Account? here = null;
            await _services.UntilAsync(async () => (here = await MeAsync(backend, stop)) is { } me && me.Version == there.Version, $"version {there.Version} is here; last {here}", stop);
            Assert.Equal(there.Name, here!.Name);
        }
    }

    private static async Task<Account?> MeAsync(HttpClient backend, CancellationToken stop)
    {
        using var response = await backend.GetAsync("/api/me", stop);
        return response.IsSuccessStatusCode ? await response.ReadAsync(WireJson.Default.Account, stop) : null;
    }

    /// <summary>The feed, read as any observer may: numbers rise, and each version of each user is told once, after the one before.</summary>
    private async Task AssertToldOnceAsync(List<Renaming> users, CancellationToken stop)
    {
        using var auth = await _services.ServiceHttpAsync(_services.Auth.Url, stop);
        var told = new List<UserChange>();
        for (var after = 0L; ;)
        {
            var page = await (await auth.GetAsync($"/internal/users/changes?after={after}", stop)).ReadAsync(WireJson.Default.UserChanges, stop);
            if (page.Items.Count == 0) break;
            told.AddRange(page.Items);
            after = page.Next;
        }

        Assert.Equal(told.OrderBy(c => c.Seq).DistinctBy(c => c.Seq), told);
        foreach (var user in users)
        {
            var own = told.Where(c => c.UserId == user.Member.UserId && c.Kind == "user.upserted").ToList();
            Assert.Equal(Enumerable.Range(1, own.Count).Select(v => (long)v), own.Select(c => c.Version));
            Assert.All(user.Acknowledged, a => Assert.Equal(a.Name, own[(int)a.Version - 1].Name));
        }
    }
}
