using Throughline.Backend.Users;

namespace Throughline.Backend.Tests.Users;

/// <summary>Readiness says why auth's feed is lost, also while nobody asks auth any more because it has failed too often.</summary>
public sealed class TellingWhyTheFeedIsLost
{
    [Fact]
    public async Task What_was_said_last_stays_while_the_breaker_is_open()
    {
        var gate = new RestoreGate();
        gate.Open();
        var health = new UserFeedHealth(gate, TimeProvider.System);
        health.Follows(TimeSpan.Zero);

        health.Lost("Connection refused (127.0.0.1:8001)");
        health.Lost(null);
        Assert.EndsWith("UTC. Connection refused (127.0.0.1:8001)", await ErrorOfAsync(health), StringComparison.Ordinal);

        health.Follows(TimeSpan.Zero);
        Assert.Null(await ErrorOfAsync(health));
        health.Lost(null);
        Assert.EndsWith("UTC. Auth does not answer.", await ErrorOfAsync(health), StringComparison.Ordinal);
    }

    private static async Task<string?> ErrorOfAsync(UserFeedHealth health) => (await health.ProbeAsync(TestContext.Current.CancellationToken)).Error;
}
