using System.Net;
using System.Net.Http.Json;
using Throughline.Backend.Tests.Files;
using Throughline.Client;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Users.Restoring;

/// <summary>The backend's database comes back from before a deletion.</summary>
public sealed class RestoringTheBackend(Services services) : IClassFixture<Services>
{
    [Fact]
    public async Task Nothing_is_served_before_the_deletion_was_made_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var alice = await services.SignUpAsync("alice", stop);
        using var bob = await services.SignUpAsync("bob", stop);
        await alice.UploadAsync("hers.csv", Uploads.Trace(10), stop);
        await bob.UploadAsync("his.csv", Uploads.Trace(10), stop);
        var backup = new Backup(services, "backend.db");
        (await alice.Auth.DeleteAsync("/auth/me", stop)).EnsureSuccessStatusCode();
        using (var service = await services.ServiceHttpAsync(services.Backend.Url, stop))
            await services.UntilAsync(async () => (await service.ReplicaAsync(alice.UserId, stop))!.Status == "erased", "the user is erased", stop);

        await Services.KillAsync(services.Backend, stop);
        await Services.KillAsync(services.Auth, stop);
        backup.Restore();
        var port = Machine.FreePort();
        await using var program = ServiceProcess.Begin("backend", services.State, new Dictionary<string, string> { ["Listen__Port"] = $"{port}" });
        using var restored = ThroughlineHttp.Create(new Uri($"http://127.0.0.1:{port}"));
        var health = await FirstHealthAsync(restored, program, stop);

        // Auth is away: it says why it waits, to health alone, and is announced to nobody.
        Assert.Equal("unhealthy", health.Checks!["auth-feed"].Status);
        Assert.StartsWith("The database was restored from a backup", health.Checks["auth-feed"].Error, StringComparison.Ordinal);
        foreach (var member in (Member[])[alice, bob])
        {
            restored.DefaultRequestHeaders.Authorization = member.Http.DefaultRequestHeaders.Authorization;
            using var refused = await restored.GetAsync("/api/files", stop);
            Assert.Equal("unavailable", await refused.CodeOfAsync(HttpStatusCode.ServiceUnavailable, stop));
        }

        Assert.NotEqual(program.Pid, services.State.ReadRecord("backend")?.Pid);

        await services.StartAuthAsync(stop);
        await services.State.WaitForRecordAsync("backend", r => r.Pid == program.Pid, stop);
        using var internalHttp = await services.ServiceHttpAsync(restored.BaseAddress!, stop);
        Assert.Equal("erased", (await internalHttp.ReplicaAsync(alice.UserId, stop))!.Status);
        restored.DefaultRequestHeaders.Authorization = alice.Http.DefaultRequestHeaders.Authorization;
        Assert.Equal(HttpStatusCode.Unauthorized, (await restored.GetAsync("/api/files", stop)).StatusCode);
        restored.DefaultRequestHeaders.Authorization = bob.Http.DefaultRequestHeaders.Authorization;
        Assert.Single((await (await restored.GetAsync("/api/files", stop)).ReadAsync(WireJson.Default.PageUsageFile, stop)).Items);
    }

    /// <summary>The first answer of a service that has published no record.</summary>
    private async Task<HealthReport> FirstHealthAsync(HttpClient http, RunningProgram program, CancellationToken stop)
    {
        HealthReport? health = null;
        await services.UntilAsync(async () =>
        {
            Assert.False(program.HasExited, program.Transcript);
            try
            {
                using var response = await http.GetAsync("/health/ready", stop);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                health = await response.Content.ReadFromJsonAsync(WireJson.Default.HealthReport, stop);
                return true;
            }
            catch (HttpRequestException)
            {
                return false; // it does not listen yet
            }
        }, "the restored backend answers", stop);
        return health!;
    }
}
