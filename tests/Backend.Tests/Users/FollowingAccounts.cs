using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Throughline.Backend.Tests.Files;
using Throughline.Contracts;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Tests.Users;

public sealed class FollowingAccounts(Services services) : FollowingWith(services), IClassFixture<Services>;

public sealed class FollowingAccountsWithPostgres(PostgresServices services) : FollowingWith(services), IClassFixture<PostgresServices>;

/// <summary>Whoever kills a service starts it again for the next.</summary>
public abstract class FollowingWith(Services services)
{
    private readonly Services _services = services;

    [Fact]
    public async Task A_new_user_is_here_at_once_with_the_same_id()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);

        var me = await (await alice.Http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop);
        Assert.Equal((alice.UserId, alice.Email, "alice", "free", "user"), (me.UserId, me.Email, me.Name, me.Tier, me.Role));

        using var asUser = await alice.Http.GetAsync($"/internal/users/{alice.UserId}", stop);
        Assert.Equal(HttpStatusCode.Unauthorized, asUser.StatusCode);
    }

    [Fact]
    public async Task A_logged_out_session_is_refused_within_a_second()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        Assert.Equal(HttpStatusCode.OK, (await alice.Http.GetAsync("/api/me", stop)).StatusCode);

        (await alice.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        using var second = CancellationTokenSource.CreateLinkedTokenSource(stop);
        second.CancelAfter(TimeSpan.FromSeconds(1));
        while ((await alice.Http.GetAsync("/api/me", second.Token)).StatusCode != HttpStatusCode.Unauthorized)
        {
        }

        // And after a restart, though auth is away. Memory knew it first; who signs up later is known from the database, and so is all before him.
        using var bob = await _services.SignUpAsync("bob", stop);
        Assert.Equal(HttpStatusCode.OK, (await bob.Http.GetAsync("/api/me", stop)).StatusCode);
        await Services.KillAsync(_services.Auth, stop);
        try
        {
            await Services.KillAsync(_services.Backend, stop);
            await _services.StartBackendAsync(stop);
            using var http = Client.ThroughlineHttp.Create(_services.Backend.Url);
            http.DefaultRequestHeaders.Authorization = alice.Http.DefaultRequestHeaders.Authorization;
            Assert.Equal("invalid_token", await (await http.GetAsync("/api/me", stop)).CodeOfAsync(HttpStatusCode.Unauthorized, stop));
        }
        finally
        {
            await _services.StartAuthAsync(stop);
            await _services.UntilHealthyAsync(_services.Backend, "auth-feed", stop);
        }
    }

    [Fact]
    public async Task Auth_away_degrades_opens_the_breaker_and_is_followed_again_as_soon_as_it_is_back()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        await (await alice.Http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop);

        await Services.KillAsync(_services.Auth, stop);
        await _services.UntilAsync(async () => (await StateOfAsync(alice, stop)).State == "open", "auth's breaker is open", stop);
        var ready = await _services.ReadinessAsync(stop);
        Assert.Equal(("degraded", "degraded"), (ready.Status, ready.Checks!["auth-feed"].Status));
        Assert.NotNull(ready.Checks["auth-feed"].Error);
        Assert.Equal(HttpStatusCode.OK, (await alice.Http.GetAsync("/api/me", stop)).StatusCode);

        await _services.StartAuthAsync(stop);
        await _services.UntilHealthyAsync(_services.Backend, "auth-feed", stop);
        Assert.Equal("closed", (await StateOfAsync(alice, stop)).State);
        using var bob = await _services.SignUpAsync("bob", stop);
        Assert.Equal(bob.UserId, (await (await bob.Http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop)).UserId);
    }

    [Fact]
    public async Task Auth_is_followed_to_another_port_although_whoever_took_the_old_one_never_answers()
    {
        var stop = TestContext.Current.CancellationToken;
        var port = _services.Auth.Url.Port;
        await Services.KillAsync(_services.Auth, stop);
        using var silent = new TcpListener(IPAddress.Loopback, port);
        silent.Start();

        await _services.StartAuthAsync(stop);

        Assert.NotEqual(port, _services.Auth.Url.Port);
        await _services.UntilHealthyAsync(_services.Backend, "auth-feed", stop);
    }

    [Fact]
    public async Task A_deleted_user_is_shut_out_and_everything_of_it_erased()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        await alice.UploadAsync("a.csv", Uploads.Trace(10), stop);
        using var thread = await alice.Http.PostAsJsonAsync("/api/threads", new CreateThread(Title: "mine"), WireJson.Default.CreateThread, stop);
        thread.EnsureSuccessStatusCode();
        Assert.NotEmpty(_services.StoredOf(alice));

        (await alice.Auth.DeleteAsync("/auth/me", stop)).EnsureSuccessStatusCode();

        await _services.UntilAsync(async () => (await ReplicaOfAsync(alice.UserId, stop)).Status == "erased", "the user is erased", stop);
        Assert.Empty(_services.StoredOf(alice));
        Assert.Equal(HttpStatusCode.Unauthorized, (await alice.Http.GetAsync("/api/files", stop)).StatusCode);
    }

    private static async Task<BreakerState> StateOfAsync(Member member, CancellationToken cancellationToken) =>
        (await (await member.Http.GetAsync("/api/breakers", cancellationToken)).ReadAsync(WireJson.Default.PageBreakerState, cancellationToken))
        .Items.Single(breaker => breaker.Dependency == "auth");

    private async Task<UserReplicaStatus> ReplicaOfAsync(Guid userId, CancellationToken cancellationToken)
    {
        using var auth = Client.ThroughlineHttp.Create(_services.Auth.Url);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", "throughline-backend"),
            new("client_secret", await File.ReadAllTextAsync(_services.State.PathOf("secrets", "client-backend"), cancellationToken)),
        ]);
        using var answer = await auth.PostAsync("/connect/token", form, cancellationToken);
        var token = (await answer.Content.ReadFromJsonAsync<Dictionary<string, System.Text.Json.JsonElement>>(cancellationToken))!["access_token"].GetString();
        using var http = Client.ThroughlineHttp.Create(_services.Backend.Url);
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return (await http.GetFromJsonAsync<UserReplicaStatus>($"/internal/users/{userId}", System.Text.Json.JsonSerializerOptions.Web, cancellationToken))!;
    }

    private sealed record UserReplicaStatus(long Version, string Status, DateTimeOffset AppliedAt);
}
