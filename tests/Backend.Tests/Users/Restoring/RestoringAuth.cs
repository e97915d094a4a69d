using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Throughline.Backend.Tests.Users.Syncing;
using Throughline.Client;
using Throughline.Contracts;
using Throughline.Contracts.Accounts;

namespace Throughline.Backend.Tests.Users.Restoring;

/// <summary>Auth's database comes back from before a deletion, a logout and some changes: numbers and versions of the feed went back with it.</summary>
public sealed class RestoringAuth : IAsyncLifetime
{
    private readonly Services _services = new();

    public ValueTask InitializeAsync() => _services.InitializeAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the feed has grown past the reader's place before it comes back
    public async Task Who_was_erased_stays_so_and_both_sides_come_to_agree(bool isGrown)
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await _services.SignUpAsync("alice", stop);
        using var bob = await _services.SignUpAsync("sync", stop);
        using var carol = await _services.SignUpAsync("carol", stop);
        var (backup, renaming) = (new Backup(_services, "auth.db"), new Renaming(_services, bob));
        for (var i = 0; i < 5; i++) await renaming.RenameAsync(_services.Auth.Url, stop);
        using var lost = await _services.SignUpAsync("lost", stop);
        (await carol.Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        using var deleted = await alice.Auth.DeleteAsync("/auth/me", stop);
        await UntilReplicaAsync(alice.UserId, r => r?.Status == "erased", stop);
        await UntilReplicaAsync(bob.UserId, r => r?.Version == 6, stop);

        await Services.KillAsync(_services.Auth, stop);
        if (isGrown) await Services.KillAsync(_services.Backend, stop);
        backup.Restore();
        await _services.StartAuthAsync(stop);
        if (isGrown)
        {
            for (var i = 0; i < 20; i++) (await _services.SignUpAsync("new", stop)).Dispose();
            await _services.StartBackendAsync(stop);
        }

        // Auth has erased her again before it answered anything, and still knows the receipt.
        using var anonymous = ThroughlineHttp.Create(_services.Auth.Url);
        using var login = await anonymous.PostAsJsonAsync("/auth/login", new LoginRequest(alice.Email, Services.Password), WireJson.Default.LoginRequest, stop);
        Assert.Equal("invalid_credentials", await login.CodeOfAsync(HttpStatusCode.Unauthorized, stop));
        Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync(deleted.Headers.Location, stop)).StatusCode);

        // The version that bob had is not given out again: what auth has now is told above it.
        await UntilReplicaAsync(bob.UserId, r => r is null or { Version: >= 6 } ? r?.Version > 6 : throw new InvalidOperationException($"bob went back to {r.Version}"), stop);
        Assert.Equal("sync", (await MeAsync(_services.Backend.Url, bob, stop)).Name);
        Assert.Equal((await MeAtAuthAsync(bob, stop)).Version, (await MeAsync(_services.Backend.Url, bob, stop)).Version);

        // Who was out stays out, also at auth, which had forgotten it.
        await _services.UntilAsync(async () => await StatusAsync(_services.Auth.Url, "/auth/me", carol, stop) == HttpStatusCode.Unauthorized, "auth refuses carol's session", stop);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(_services.Backend.Url, "/api/me", carol, stop));
        // Whom auth does not know any more is shut out, not erased.
        await UntilReplicaAsync(lost.UserId, r => r?.Status == "disabled", stop);
        // And what is new arrives.
        using var dave = await _services.SignUpAsync("dave", stop);
        await UntilReplicaAsync(dave.UserId, r => r?.Status == "active", stop);
        await UntilReplicaAsync(alice.UserId, r => r?.Status == "erased", stop);
    }

    private async Task UntilReplicaAsync(Guid userId, Func<ReplicaOfUser?, bool> isSo, CancellationToken stop)
    {
        using var backend = await _services.ServiceHttpAsync(_services.Backend.Url, stop);
        ReplicaOfUser? last = null;
        await _services.UntilAsync(async () => isSo(last = await backend.ReplicaAsync(userId, stop)), $"the replica of {userId} is as expected", stop);
    }

    private static async Task<Account> MeAsync(Uri backend, Member member, CancellationToken stop)
    {
        using var http = ThroughlineHttp.Create(backend);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
        return await (await http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop);
    }

    private async Task<Account> MeAtAuthAsync(Member member, CancellationToken stop)
    {
        using var auth = await _services.ServiceHttpAsync(_services.Auth.Url, stop);
        return await (await auth.GetAsync($"/internal/users/{member.UserId}", stop)).ReadAsync(WireJson.Default.Account, stop);
    }

    private static async Task<HttpStatusCode> StatusAsync(Uri service, string path, Member member, CancellationToken stop)
    {
        using var http = ThroughlineHttp.Create(service);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", member.AccessToken);
        return (await http.GetAsync(path, stop)).StatusCode;
    }
}
