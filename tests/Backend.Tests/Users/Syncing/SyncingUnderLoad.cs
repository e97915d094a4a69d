using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Throughline.Contracts;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Syncing;

public sealed class SyncingUnderLoad() : SyncingUnderLoadWith(new Services());

public sealed class SyncingUnderLoadOnPostgres() : SyncingUnderLoadWith(new SyncServicesOnPostgres(), fullOnly: true);

/// <summary>Two hundred changes a second, each seen in the backend soon after auth has acknowledged it.</summary>
public abstract class SyncingUnderLoadWith(Services services, bool fullOnly = false) : IAsyncLifetime
{
    private const int ChangesPerSecond = 200;
    private const int Users = 40;

    private static readonly TimeSpan Duration = SuiteSize.Of(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
    private static readonly TimeSpan Lost = TimeSpan.FromSeconds(10);

    /// <summary>Looking without a pause would take from the services the processors that they share with this suite.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    private readonly Services _services = services;

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
    public async Task No_change_is_lost_or_out_of_order_and_each_is_there_soon()
    {
        var stop = TestContext.Current.CancellationToken;
        var users = new List<Renaming>();
        for (var i = 0; i < Users; i++) users.Add(new(_services, await _services.SignUpAsync("sync", stop)));
        using var service = await _services.ServiceHttpAsync(_services.Backend.Url, stop);
        foreach (var user in users) await VisibleAsync(service, user, 1, stop);

        var delays = new ConcurrentBag<double>();
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(users.Select((user, i) => ChangeAsync(service, user, i, began, delays, stop)));
        var elapsed = Stopwatch.GetElapsedTime(began);

        foreach (var user in users) await AssertSameAsync(user, stop);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{delays.Count} changes in {elapsed.TotalSeconds:0.0} s ({delays.Count / elapsed.TotalSeconds:0}/s) of {Users} users; ms from auth's answer until visible in the backend: "
            + $"p50 {Statistics.Percentile(delays, 50):0.0}, p99 {Statistics.Percentile(delays, 99):0.0}, max {delays.Max():0.0}"));
    }

    /// <summary>Changes the user's name at the user's share of the rate, from its own moment on, until the time is over.</summary>
    private async Task ChangeAsync(HttpClient service, Renaming user, int index, long began, ConcurrentBag<double> delays, CancellationToken stop)
    {
        var interval = TimeSpan.FromSeconds((double)Users / ChangesPerSecond);
        var due = interval * index / Users;
        for (; due < Duration; due += interval)
        {
            var wait = due - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, TimeProvider.System, stop); // the rate is what is asked for here
            var version = await user.RenameAsync(_services.Auth.Url, stop);
            var answered = Stopwatch.GetTimestamp();
            await VisibleAsync(service, user, version, stop);
            delays.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
        }
    }

    private static async Task VisibleAsync(HttpClient service, Renaming user, long version, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Lost);
        using var pace = new PeriodicTimer(LookEvery);
        long seen = 0;
        while (seen < version)
        {
            await pace.WaitForNextTickAsync(limit.Token);
            var now = (await service.ReplicaAsync(user.Member.UserId, limit.Token))?.Version ?? 0;
            Assert.True(now >= seen, $"Version {now} was seen after {seen}.");
            seen = now;
        }

        Assert.Equal(version, seen); // nobody else changes this user, so a later one would be one that was never made
    }

    private static async Task AssertSameAsync(Renaming user, CancellationToken stop)
    {
        var (version, name) = user.Acknowledged[^1];
        user.AssertInOrder(version);
        var here = await (await user.Member.Http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop);
        Assert.Equal((version, name), (here.Version, here.Name));
    }
}
