using Throughline.Contracts.Discovery;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Launcher.Tests.Supervision;

public sealed class AKilledLauncher
{
    [Fact]
    public async Task Leaves_no_service_behind_and_its_state_starts_again()
    {
        var stop = TestContext.Current.CancellationToken;
        using var state = new TestState();
        List<DiscoveryRecord> services;
        await using (var stack = await LaunchedStack.StartAsync(state, [], null, stop))
        {
            services = new[] { "store", "auth", "backend", "frontend" }.Select(stack.RecordOf).ToList();
            stack.Launcher.Kill();
            foreach (var service in services)
                await Waiting.UntilAsync($"{service.Service} ends", () => !ProcessIdentity.IsAlive(service.Pid, service.ProcessStartedAt), stop);
        }

        await using var again = await LaunchedStack.StartAsync(state, [], null, stop);
        Assert.Equal(0, await again.Launcher.StopAsync(stop));
    }
}
