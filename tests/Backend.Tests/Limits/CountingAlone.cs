using System.Net;
using Microsoft.Extensions.Time.Testing;
using Throughline.ServiceDefaults;
using Throughline.Testing;

namespace Throughline.Backend.Tests.Limits;

/// <summary>A node without a store.</summary>
public sealed class CountingAlone
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(LimitKind.Log)]
    [InlineData(LimitKind.Flow)]
    [InlineData(LimitKind.Reserved)]
    public void The_quota_is_admitted_and_one_more_exactly_when_told(LimitKind kind)
    {
        var node = new LocalLimiter(_time, 100);
        var charge = new LimitCharge(new("test", 5, TimeSpan.FromMinutes(1), kind), LimitSubject.Everyone) { Hold = TimeSpan.FromMinutes(1) };
        foreach (var i in Enumerable.Range(0, 5)) Assert.True(node.TryCharge([charge], $"c{i}", out _).IsAllowed);
        var wait = node.TryCharge([charge], "more", out _).RetryAfter;

        _time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.False(node.TryCharge([charge], "more", out _).IsAllowed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(node.TryCharge([charge], "more", out _).IsAllowed);
    }

    [Fact]
    public void No_window_ever_holds_more_messages_than_the_quota()
    {
        var random = new Random(SuiteSize.Seed);
        var node = new LocalLimiter(_time, 100);
        var charge = new LimitCharge(new("test", 5, TimeSpan.FromMinutes(1), LimitKind.Log), LimitSubject.Everyone);
        var admitted = new List<DateTimeOffset>();
        for (var i = 0; i < 5_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(20_000)));
            if (node.TryCharge([charge], $"c{i}", out _).IsAllowed) admitted.Add(_time.GetUtcNow());
        }

        Assert.All(admitted.Skip(5).Zip(admitted), pair => Assert.True(pair.First - pair.Second >= TimeSpan.FromMinutes(1), $"Six within a minute; seed {SuiteSize.Seed}."));
        Assert.InRange(admitted.Count, 100, 5_000);
    }

    [Fact]
    public void Strangers_by_the_hundred_thousand_do_not_grow_it_and_do_not_touch_who_was_known()
    {
        const int kept = 1_000;
        var node = new LocalLimiter(_time, kept);
        var policy = new LimitPolicy("address", 10, TimeSpan.FromMinutes(1), LimitKind.Flow);
        var known = new LimitCharge(policy, LimitSubject.OfAddress(IPAddress.Parse("192.0.2.1")));
        Assert.True(node.TryCharge([known], "", out _).IsAllowed);

        for (var i = 0; i < 100_000; i++)
            node.TryCharge([new(policy, LimitSubject.OfAddress(new IPAddress(0x0A000000L + i)))], "", out _);

        Assert.InRange(node.Count, kept, kept + 64); // newcomers share 64 counts
        Assert.Equal(1, node.TryCharge([known with { Amount = 0 }], "", out _).Standings[0].Used);
        foreach (var _ in Enumerable.Range(0, 9)) Assert.True(node.TryCharge([known], "", out var _).IsAllowed);

        // A minute later all is forgotten, and a stranger has a count of its own again.
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(node.TryCharge([new(policy, LimitSubject.OfAddress(IPAddress.Parse("198.51.100.7")), 10)], "", out _).IsAllowed);
        Assert.InRange(node.Count, 1, 64 + 2);
    }

    [Fact]
    public void A_household_with_many_addresses_is_one()
    {
        Assert.Equal(LimitSubject.OfAddress(IPAddress.Parse("2001:db8:1:2::1")), LimitSubject.OfAddress(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.NotEqual(LimitSubject.OfAddress(IPAddress.Parse("2001:db8:1:2::1")), LimitSubject.OfAddress(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal(LimitSubject.OfAddress(IPAddress.Parse("192.0.2.1")), LimitSubject.OfAddress(IPAddress.Parse("::ffff:192.0.2.1")));
    }
}
