using System.Diagnostics;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Limits;

public sealed class SharingALimitInTheEmbeddedStore(NodesOnTheEmbeddedStore nodes) : SharingALimit(nodes), IClassFixture<NodesOnTheEmbeddedStore>;

public sealed class SharingALimitInRedis(NodesOnRedis nodes) : SharingALimit(nodes), IClassFixture<NodesOnRedis>;

public abstract class SharingALimit(LimitNodes platform)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_burst_on_two_nodes_gets_exactly_the_quota()
    {
        var random = new Random(SuiteSize.Seed);
        var trials = SuiteSize.Of(25, 1_000);
        for (var trial = 0; trial < trials; trial++)
        {
            var kind = (LimitKind)random.Next(3);
            var policy = NewPolicy(kind, random.Next(1, 40));
            var subject = LimitSubject.OfUser(Guid.NewGuid());
            var burst = (int)policy.Quota + random.Next(1, 60);
            var nodes = Enumerable.Range(0, burst).Select(_ => platform.Nodes[random.Next(2)].Limiter).ToList();

            var verdicts = await Task.WhenAll(nodes.Select((node, i) => node.TryChargeAsync([new(policy, subject) { Hold = Hour }], $"c{i}", Stop)));

            var because = $"Trial {trial} of {trials}, {kind}, quota {policy.Quota}, burst {burst}, seed {SuiteSize.Seed}.";
            Assert.True(policy.Quota == verdicts.Count(v => v.IsAllowed), $"{verdicts.Count(v => v.IsAllowed)} were admitted. {because}");
            Assert.True(verdicts.All(v => !v.IsAlone), because);
            Assert.True(verdicts.Where(v => !v.IsAllowed).All(v => v.RetryAfter > TimeSpan.Zero && v.RetryAfter <= Hour), because);
        }

        TestContext.Current.SendDiagnosticMessage($"{trials} bursts, each exactly its quota; seed {SuiteSize.Seed}");
    }

    [Fact]
    public async Task Several_policies_are_charged_together_or_not_at_all()
    {
        var random = new Random(SuiteSize.Seed);
        for (var trial = 0; trial < SuiteSize.Of(10, 200); trial++)
        {
            // A user's own, a network's, everybody's: what one of them refuses costs nothing under the others.
            LimitCharge[] all = [.. Enum.GetValues<LimitKind>().Select(kind => new LimitCharge(NewPolicy(kind, random.Next(1, 12)), LimitSubject.OfUser(Guid.NewGuid())) { Hold = Hour })];
            var used = new long[all.Length];
            for (var step = 0; step < 15; step++)
            {
                var chosen = all.Index().Where(_ => random.Next(3) > 0).Select(c => (c.Index, Charge: c.Item with { Amount = c.Item.Policy.Kind == LimitKind.Log ? 1 : random.Next(1, 4) })).ToArray();
                if (chosen.Length == 0) continue;
                var fits = chosen.All(c => used[c.Index] + c.Charge.Amount <= c.Charge.Policy.Quota);
                var verdict = await platform.Nodes[random.Next(2)].Limiter.TryChargeAsync([.. chosen.Select(c => c.Charge)], $"s{step}", Stop);
                if (fits)
                    foreach (var (index, charge) in chosen) used[index] += charge.Amount;

                var because = $"Trial {trial}, step {step}, seed {SuiteSize.Seed}.";
                Assert.True(fits == verdict.IsAllowed, because);
                // Some of a flow may have run out meanwhile, though an hour's quota runs slowly.
                Assert.Equal(used, (await platform.NewNodeStandingsAsync(all, Stop)).Select(s => s.Used));
            }
        }
    }

    [Theory]
    [InlineData(LimitKind.Log)]
    [InlineData(LimitKind.Flow)]
    public async Task Waiting_the_time_told_admits_and_less_does_not(LimitKind kind)
    {
        var policy = new LimitPolicy($"wait-{Guid.NewGuid():N}", 4, TimeSpan.FromSeconds(kind == LimitKind.Log ? 4 : 16), kind);
        var charge = new LimitCharge(policy, LimitSubject.Everyone);
        var node = platform.Nodes[0].Limiter;
        foreach (var i in Enumerable.Range(0, 4)) Assert.True((await node.TryChargeAsync([charge], $"c{i}", Stop)).IsAllowed);

        var asked = Stopwatch.GetTimestamp();
        var wait = (await node.TryChargeAsync([charge], "early", Stop)).RetryAfter;
        var told = Stopwatch.GetTimestamp();
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));

        // The promise is what is tested, so these waits are the promised one, and half of it.
        await Task.Delay(wait / 2, TimeProvider.System, Stop);
        foreach (var other in platform.Nodes)
        {
            var verdict = await other.Limiter.TryChargeAsync([charge], "half", Stop);
            if (Stopwatch.GetElapsedTime(asked) < wait) Assert.False(verdict.IsAllowed, "It was admitted before its time.");
        }

        await UntilAsync(told, wait);
        Assert.True((await node.TryChargeAsync([charge], "in time", Stop)).IsAllowed, "It was not admitted after the time that was told.");
    }

    [Fact]
    public async Task What_is_reserved_is_settled_by_what_it_was()
    {
        var charge = new LimitCharge(NewPolicy(LimitKind.Reserved, 100), LimitSubject.Everyone, 60) { Hold = Hour };
        Assert.True((await platform.Nodes[0].Limiter.TryChargeAsync([charge], "first", Stop)).IsAllowed);
        Assert.False((await platform.Nodes[1].Limiter.TryChargeAsync([charge], "second", Stop)).IsAllowed);

        await platform.Nodes[0].Limiter.SettleAsync([charge with { Amount = 7 }], "first", Stop);

        Assert.Equal(7, (await platform.Nodes[1].Limiter.LookAsync([charge], Stop)).Standings[0].Used);
        Assert.True((await platform.Nodes[1].Limiter.TryChargeAsync([charge], "second", Stop)).IsAllowed);
        await platform.Nodes[1].Limiter.SettleAsync([charge with { Amount = 130 }], "second", Stop);
        Assert.Equal(137, (await platform.Nodes[0].Limiter.LookAsync([charge], Stop)).Standings[0].Used);
        Assert.False((await platform.Nodes[0].Limiter.TryChargeAsync([charge with { Amount = 1 }], "third", Stop)).IsAllowed);
    }

    [Fact]
    public async Task What_a_dead_process_reserved_is_given_back_when_its_time_is_over()
    {
        var hold = TimeSpan.FromSeconds(2);
        var charge = new LimitCharge(NewPolicy(LimitKind.Reserved, 100), LimitSubject.Everyone, 60) { Hold = hold };
        await using (var dying = platform.NewNode())
            Assert.True((await dying.Limiter.TryChargeAsync([charge], "never settled", Stop)).IsAllowed);

        var wait = (await platform.Nodes[0].Limiter.TryChargeAsync([charge], "later", Stop)).RetryAfter;
        var told = Stopwatch.GetTimestamp();
        Assert.InRange(wait, TimeSpan.FromMilliseconds(1), hold);
        Assert.InRange((await platform.Nodes[1].Limiter.LookAsync([charge], Stop)).Standings[0].MoreAfter, TimeSpan.FromMilliseconds(1), hold);

        // The promise is what is tested, so this wait is the promised one.
        await UntilAsync(told, wait);
        Assert.True((await platform.Nodes[0].Limiter.TryChargeAsync([charge], "later", Stop)).IsAllowed);
        Assert.Equal(60, (await platform.Nodes[1].Limiter.LookAsync([charge], Stop)).Standings[0].Used);
    }

    /// <summary>Waits the whole time: a timer counts in milliseconds and may be early by one.</summary>
    private static async Task UntilAsync(long told, TimeSpan wait)
    {
        while (wait - Stopwatch.GetElapsedTime(told) is { Ticks: > 0 } left) await Task.Delay(left + TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
    }

    private static LimitPolicy NewPolicy(LimitKind kind, long quota) => new($"test-{Guid.NewGuid():N}", quota, Hour, kind);
}

internal static class LimitNodesStandings
{
    /// <summary>Where the policies stand in the store alone: a new node has counted nothing itself.</summary>
    public static async Task<IReadOnlyList<LimitStanding>> NewNodeStandingsAsync(this LimitNodes platform, IReadOnlyList<LimitCharge> charges, CancellationToken cancellationToken)
    {
        await using var node = platform.NewNode();
        return (await node.Limiter.LookAsync(charges, cancellationToken)).Standings;
    }
}
