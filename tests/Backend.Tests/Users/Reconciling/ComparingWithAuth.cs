using System.Net;
using Throughline.Backend.Tests.Users.Syncing;
using Throughline.Client;
using Throughline.Contracts;

namespace Throughline.Backend.Tests.Users.Reconciling;

public sealed class ComparingWithAuth(ReconcilingServices services) : IClassFixture<ReconcilingServices>
{
    [Fact]
    public async Task What_was_changed_behind_the_services_backs_is_found_and_repaired()
    {
        var stop = TestContext.Current.CancellationToken;
        var members = new List<Member>();
        foreach (var name in (string[])["tier", "older", "newer", "missing", "undead", "session", "auth", "fine"]) members.Add(await services.SignUpAsync(name, stop));
        var byName = members.ToDictionary(m => m.Email.Split('-')[0]);
        var extra = Guid.CreateVersion7();
        (await byName["session"].Auth.PostAsync("/auth/logout", null, stop)).EnsureSuccessStatusCode();
        (await byName["undead"].Auth.DeleteAsync("/auth/me", stop)).EnsureSuccessStatusCode();
        using var backend = await services.ServiceHttpAsync(services.Backend.Url, stop);
        await services.UntilAsync(async () => (await backend.ReplicaAsync(byName["undead"].UserId, stop))?.Status == "erased", "the user is erased", stop);
        var before = await CompareAsync(stop);
        Assert.Equal(0, before.ExitCode);
        Assert.StartsWith("No divergence among ", Assert.Single(before.Output), StringComparison.Ordinal);

        Assert.Equal(1, await PlantAsync("UPDATE users SET tier='enterprise' WHERE user_id=$u", byName["tier"].UserId, stop));
        Assert.Equal(1, await PlantAsync("UPDATE users SET version=0 WHERE user_id=$u", byName["older"].UserId, stop));
        Assert.Equal(1, await PlantAsync("UPDATE users SET version=9 WHERE user_id=$u", byName["newer"].UserId, stop));
        Assert.Equal(1, await PlantAsync("DELETE FROM users WHERE user_id=$u", byName["missing"].UserId, stop));
        Assert.Equal(1, await PlantAsync("UPDATE users SET status='active' WHERE user_id=$u", byName["undead"].UserId, stop));
        Assert.Equal(1, await PlantAsync("DELETE FROM revocations WHERE user_id=$u", byName["session"].UserId, stop));
        Assert.Equal(1, await PlantAsync("INSERT INTO users SELECT $u, 'x@example.com', 'x', 'free', 'user', 'active', 1, 0, 0", extra, stop));
        Assert.Equal(1, await services.PlantAsync(
            "auth.db", "UPDATE AspNetUsers SET Name='changed' WHERE Id=$u", stop, ("$u", byName["auth"].UserId.ToString().ToUpperInvariant())));

        var found = await CompareAsync(stop);
        Assert.Equal(1, found.ExitCode);
        Assert.Equal(
            Expected(("tier", "different"), ("older", "older"), ("newer", "newer"), ("missing", "missing"), ("undead", "undead"), ("session", "session"), ("auth", "different")),
            Kinds(found.Output));
        Assert.Contains(found.Errors, line => line.StartsWith("Compared ", StringComparison.Ordinal));
        // Nobody had to ask: it is in the log too.
        await services.Backend.Program.WaitForLineAsync(line => line.Contains("8 diverge", StringComparison.Ordinal), stop);

        var repaired = await services.ReconcileAsync(stop, "--repair");
        Assert.True(repaired.ExitCode == 0, string.Join('\n', repaired.Output) + services.Backend.Program.Transcript);
        Assert.All(repaired.Output.Where(line => line.StartsWith('0')), line => Assert.EndsWith("Repaired.", line, StringComparison.Ordinal));
        Assert.Matches("^8 of [0-9]+ users diverged; 0 still do\\.$", repaired.Output[^1]);
        Assert.Equal(0, (await CompareAsync(stop)).ExitCode);

        Assert.Equal("free", (await MeAsync(byName["tier"], stop)).Tier);
        Assert.Equal("changed", (await MeAsync(byName["auth"], stop)).Name);
        Assert.True((await MeAsync(byName["newer"], stop)).Version > 9);
        Assert.Equal("disabled", (await backend.ReplicaAsync(extra, stop))!.Status);
        await services.UntilAsync(async () => (await backend.ReplicaAsync(byName["undead"].UserId, stop))?.Status == "erased", "the user is erased again", stop);
        Assert.Equal(1, (await backend.ReplicaAsync(byName["fine"].UserId, stop))!.Version);

        IEnumerable<string> Expected(params (string Name, string Kind)[] planted) =>
            planted.Select(p => $"{byName[p.Name].UserId} {p.Kind}").Append($"{extra} extra").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_is_on_its_way_is_no_divergence()
    {
        var stop = TestContext.Current.CancellationToken;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var writing = new List<Task>();
        for (var i = 0; i < 4; i++) writing.Add(RenameAsync(new(services, await services.SignUpAsync("sync", stop)), ending.Token));

        for (var i = 0; i < 3; i++) Assert.DoesNotContain((await CompareAsync(stop)).Output, line => line.StartsWith('0'));

        await ending.CancelAsync();
        await Task.WhenAll(writing);
    }

    [Fact]
    public async Task Only_the_operator_compares()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var service = await services.ServiceHttpAsync(services.Backend.Url, stop);
        using var anonymous = ThroughlineHttp.Create(services.Backend.Url);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsync("/internal/reconcile", null, stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await alice.Http.PostAsync("/internal/reconcile", null, stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("/internal/reconcile?repair=true", null, stop)).StatusCode);
    }

    private async Task RenameAsync(Renaming user, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested) await user.RenameAsync(services.Auth.Url, stop);
        }
        catch (OperationCanceledException)
        {
            // The comparison is done.
        }
    }

    private Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> CompareAsync(CancellationToken stop) => services.ReconcileAsync(stop);

    private Task<int> PlantAsync(string sql, Guid userId, CancellationToken stop) => services.PlantAsync("backend.db", sql, stop, ("$u", userId.ToString()));

    private static async Task<Contracts.Accounts.Account> MeAsync(Member member, CancellationToken stop) =>
        await (await member.Http.GetAsync("/api/me", stop)).ReadAsync(WireJson.Default.Account, stop);

    /// <summary>Id and kind of each line that tells a divergence.</summary>
    private static IEnumerable<string> Kinds(IReadOnlyList<string> output) =>
        output.Where(line => line.StartsWith('0')).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2])).Order(StringComparer.Ordinal);
}
