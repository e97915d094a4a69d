using System.Diagnostics;
using System.Text.Json;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

/// <summary>A stack that went into use though it lacks something is one that runs: neither time nor crashes end it as they would a start.</summary>
public sealed class AStackWithoutItsRedis
{
    private const int CrashesThatEndAStart = 3;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Is_kept_up_and_gets_well_when_it_comes()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Within);
        await using var redis = new RedisServer();
        using var state = new TestState();
        await using var stack = await LaunchedStack.StartAsync(state, ["--redis", redis.Address], null, limit.Token);
        Assert.Equal("Degraded", StateIn(stack.Launcher.Output.Single(line => LaunchedStack.EventOf(line) == "ready")));

        List<int> killed = [stack.RecordOf("auth").Pid];
        for (var crash = 1; crash <= CrashesThatEndAStart; crash++)
        {
            using (var auth = Process.GetProcessById(killed[^1]))
                auth.Kill();
            killed.Add(PidIn(await stack.Launcher.WaitForLineAsync(line => IsOfAuth(line) && !killed.Contains(PidIn(line)), limit.Token)));
        }

        await redis.InitializeAsync();
        await stack.Launcher.WaitForLineAsync(line => IsOfAuth(line) && StateIn(line) == "Ready" && PidIn(line) == killed[^1], limit.Token);
    }

    private static bool IsOfAuth(string line) => LaunchedStack.EventOf(line) == "service" && JsonElement.Parse(line).GetProperty("service").GetString() == "auth";

    private static int PidIn(string line) => JsonElement.Parse(line).GetProperty("pid").GetInt32();

    private static string? StateIn(string line) => JsonElement.Parse(line).GetProperty("state").GetString();
}
