using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Stop;

public sealed class StoppingAStack
{
    [Theory]
    [InlineData("-TERM")]
    [InlineData("-INT")]
    [InlineData("-HUP")]
    public async Task By_a_signal_ends_every_process_in_order_and_with_0(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        RequireDelivered(signal);
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        await using var stack = await LaunchedStack.StartAsync(state, [], null, stop);
        var services = new[] { "store", "auth", "backend", "frontend" }.Select(stack.RecordOf).ToList();

        await Machine.RunAsync("kill", [signal, $"{stack.Launcher.Pid}"], stop);

        Assert.Equal(0, await stack.Launcher.WaitForExitAsync(stop));
        Assert.All(services, s => Assert.False(ProcessIdentity.IsAlive(s.Pid, s.ProcessStartedAt), $"{s.Service} still runs."));
        Assert.Empty(Directory.EnumerateFiles(state.PathOf(".service_discovery")));
    }

    [Fact]
    public async Task That_was_detached_is_done_by_down()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        var (up, _, errors) = await Launched.RunAsync(["up", "--detach", "--no-open", "--state", state.Root], stop);
        Assert.True(up == 0, errors);
        var auth = state.ReadRecord("auth")!;

        var (down, output, _) = await Launched.RunAsync(["down", "--state", state.Root], stop);

        Assert.Equal((0, "Stopped."), (down, output));
        Assert.False(ProcessIdentity.IsAlive(auth.Pid, auth.ProcessStartedAt));
        var (status, _, _) = await Launched.RunAsync(["status", "--state", state.Root], stop);
        Assert.Equal(1, status);
    }

    /// <summary>What was started in the background by a shell without job control ignores interrupts, and so does all that it starts.</summary>
    private static void RequireDelivered(string signal)
    {
        const int interrupt = 1 << 1;
        if (signal != "-INT" || !File.Exists("/proc/self/status"))
            return;
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim();
        if ((Convert.ToInt64(ignored, 16) & interrupt) == 0)
            return;
        Assert.False(Machine.IsCi, "Interrupts are ignored here; CI must deliver them.");
        Assert.Skip("Interrupts are ignored here, because this test run was started in the background.");
    }
}
