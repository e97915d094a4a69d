using System.Text.Json;
using Throughline.Contracts;
using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

/// <summary>Readers must not believe what a service that is gone has left behind.</summary>
public sealed class AStaleRecord
{
    [Theory]
    [InlineData("of a process that is gone", 999_999_999, 0, 60, "is gone")]
    [InlineData("whose pid now means another program", 0, -3600, 60, "is gone")]
    [InlineData("whose lease has run out", 0, 0, -1, "lease has expired")]
    [InlineData("at whose address nobody answers", 0, 0, 60, "does not answer")]
    public async Task Is_reported_and_not_believed(string what, int pid, int startedOffset, int leaseSeconds, string reason)
    {
        using var state = new TestState();
        Directory.CreateDirectory(state.PathOf(".service_discovery"));
        var port = Machine.FreePort();
        var record = new DiscoveryRecord(
            "auth", Guid.CreateVersion7(), Guid.CreateVersion7(), pid == 0 ? Environment.ProcessId : pid, ProcessIdentity.StartedAt.AddSeconds(startedOffset),
            "127.0.0.1", port, $"http://127.0.0.1:{port}", null, $"http://127.0.0.1:{port}/health/ready", "0.1.0", 1, [],
            TimeProvider.System.GetUtcNow().AddSeconds(leaseSeconds), ProcessIdentity.Namespace);
        await File.WriteAllBytesAsync(
            state.PathOf(".service_discovery", "auth.json"), JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.DiscoveryRecord), TestContext.Current.CancellationToken);

        var (code, output, _) = await Launched.RunAsync(["status", "--json", "--state", state.Root], TestContext.Current.CancellationToken);

        var auth = JsonDocument.Parse(output).RootElement.GetProperty("services")[0];
        Assert.Equal(1, code);
        Assert.Equal("unhealthy", auth.GetProperty("health").GetString());
        Assert.True(auth.GetProperty("detail").GetString()!.Contains(reason, StringComparison.Ordinal), $"A record {what}: {auth}");
    }

    [Fact]
    public async Task Does_not_disturb_a_start()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        Directory.CreateDirectory(state.PathOf(".service_discovery"));
        await File.WriteAllTextAsync(state.PathOf(".service_discovery", "auth.json"), "{ not a record", stop);

        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);

        Assert.Equal("auth", stack.RecordOf("auth").Service);
        Assert.Equal(0, await stack.Launcher.StopAsync(stop));
    }
}
