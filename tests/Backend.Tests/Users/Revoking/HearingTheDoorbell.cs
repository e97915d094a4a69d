using System.Collections.Concurrent;
using System.Net;
using System.Text;
using StackExchange.Redis;
using Throughline.Contracts.Accounts;
using Throughline.ServiceDefaults;
using Throughline.Testing.Chaos;

namespace Throughline.Backend.Tests.Users.Revoking;

/// <summary>The same services, with a gate between the backend and auth.</summary>
public sealed class GatedServices : Services
{
    internal ChaosProxy Gate { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Gate = new ChaosProxy(() => State.ReadRecord("auth")?.Port);
        await base.InitializeAsync();
    }

    protected override ValueTask<IReadOnlyDictionary<string, string>> BackendSettingsAsync(CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { ["Services__auth"] = $"http://127.0.0.1:{Gate.Port}" });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Gate.DisposeAsync();
    }
}

/// <summary>Auth calls its changes out through the key-value store. Here whoever hears it hears the right one, and no other.</summary>
public sealed class HearingTheDoorbell(GatedServices services) : IClassFixture<GatedServices>, IAsyncLifetime
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    private ConnectionMultiplexer _store = null!;

    public async ValueTask InitializeAsync() => _store = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { { "127.0.0.1", services.Store.Record.Port } },
        Password = await File.ReadAllTextAsync(services.State.PathOf("secrets", "store-password")),
    });

    public async ValueTask DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_session_is_out_within_a_second_though_the_feed_hangs()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var bob = await services.SignUpAsync("bob", stop);
        await using var hers = await WatchedSocket.OpenAsync(services.Backend, alice.AccessToken, stop);
        await using var his = await WatchedSocket.OpenAsync(services.Backend, bob.AccessToken, stop);

        services.Gate.Weather = Weather.Fair with { IsSilent = true };
        try
        {
            (await alice.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
            Assert.Equal(4004, (await hers.Closed.WaitAsync(Promised, stop)).Code);
            Assert.Equal(HttpStatusCode.Unauthorized, (await alice.Http.GetAsync("/api/threads", stop)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await bob.Http.GetAsync("/api/threads", stop)).StatusCode);
            Assert.True(his.IsOpen);
        }
        finally
        {
            services.Gate.Weather = Weather.Fair;
        }
    }

    [Fact]
    public async Task Whoever_can_write_to_the_store_can_shut_nobody_out()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var bob = await services.SignUpAsync("bob", stop);
        await using var hers = await WatchedSocket.OpenAsync(services.Backend, alice.AccessToken, stop);
        await using var his = await WatchedSocket.OpenAsync(services.Backend, bob.AccessToken, stop);
        var told = new UserChange(long.MaxValue, "user.deleted", alice.UserId, 99, DateTimeOffset.MaxValue, Disabled: true);
        var forged = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new UserChanges([told], 1), Contracts.WireJson.Default.UserChanges);

        foreach (var message in (byte[][])[forged, [.. new byte[32], .. forged], [.. System.Security.Cryptography.SHA256.HashData(forged), .. forged], [], Encoding.UTF8.GetBytes("{}")])
            await _store.GetSubscriber().PublishAsync(StoreKeys.Changes, message);
        // In order on one channel: when the genuine one has arrived, so have the others.
        (await bob.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        Assert.Equal(4004, (await his.Closed.WaitAsync(Promised, stop)).Code);

        Assert.True(hers.IsOpen);
        Assert.Equal(HttpStatusCode.OK, (await alice.Http.GetAsync("/api/threads", stop)).StatusCode);
    }

    [Fact]
    public async Task A_call_names_nobody_and_repeating_it_changes_nothing()
    {
        var stop = TestContext.Current.CancellationToken;
        var heard = new ConcurrentQueue<byte[]>();
        await _store.GetSubscriber().SubscribeAsync(StoreKeys.Changes, (_, message) => heard.Enqueue((byte[])message!));
        using var alice = await services.SignUpAsync("alice", stop);
        using var second = await services.SignInAsync(alice.UserId, alice.Email, stop);
        using var bob = await services.SignUpAsync("bob", stop);
        await using var socket = await WatchedSocket.OpenAsync(services.Backend, second.AccessToken, stop);
        await using var his = await WatchedSocket.OpenAsync(services.Backend, bob.AccessToken, stop);
        (await alice.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        await services.UntilAsync(() => Task.FromResult(heard.Any(m => Encoding.UTF8.GetString(m).Contains("session.revoked", StringComparison.Ordinal))), "the logout is called out", stop);

        Assert.All(heard, message => Assert.DoesNotContain("alice", Encoding.UTF8.GetString(message), StringComparison.Ordinal));
        foreach (var message in heard) await _store.GetSubscriber().PublishAsync(StoreKeys.Changes, message);
        (await bob.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        Assert.Equal(4004, (await his.Closed.WaitAsync(Promised, stop)).Code);

        Assert.True(socket.IsOpen);
        Assert.Equal(HttpStatusCode.OK, (await second.Http.GetAsync("/api/threads", stop)).StatusCode);
    }
}
