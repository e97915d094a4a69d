using Microsoft.Extensions.Time.Testing;
using Throughline.Auth.Accounts;
using Throughline.Auth.Accounts.Throttling;

namespace Throughline.Auth.Tests.Accounts;

public sealed class SlowingDown
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Waits_double_from_a_second_to_a_quarter_of_an_hour()
    {
        var meter = NewMeter();
        var waits = new List<double>();
        for (var i = 0; i < 17; i++)
        {
            meter.Charge("k");
            var wait = meter.WaitFor("k") ?? TimeSpan.Zero;
            waits.Add(wait.TotalSeconds);
            // Tried again as soon as it is said to be allowed, and not before.
            if (wait > TimeSpan.Zero) _time.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.Equal(wait > TimeSpan.Zero, meter.WaitFor("k") is not null);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Null(meter.WaitFor("k"));
        }
        Assert.Equal([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512], waits.Take(14));
        Assert.All(waits.Skip(14), wait => Assert.InRange(wait, 256, 900)); // one is forgotten each quarter of an hour
    }

    [Fact]
    public void Failures_are_forgotten_one_by_one_and_a_success_forgets_all()
    {
        var meter = NewMeter();
        for (var i = 0; i < 4; i++) meter.Charge("k");
        _time.Advance(TimeSpan.FromMinutes(31)); // two of four
        meter.Charge("k");
        meter.Charge("k");
        Assert.Null(meter.WaitFor("k"));
        meter.Charge("k");
        Assert.Equal(TimeSpan.FromSeconds(1), meter.WaitFor("k"));
        Assert.Null(meter.WaitFor("another"));
        meter.Clear("k");
        Assert.Null(meter.WaitFor("k"));
        for (var i = 0; i < 4; i++) meter.Charge("k");
        Assert.Null(meter.WaitFor("k"));
    }

    [Fact]
    public void Keys_that_an_attacker_makes_up_do_not_grow_it_and_do_not_hide_who_was_known()
    {
        var attempts = new AttemptLimits(_time);
        var minute = TimeSpan.FromMinutes(1);
        Assert.Null(attempts.TryCharge("known", 2, minute));
        for (var i = 0; i < Crowd.MostKeys * 3; i++) attempts.TryCharge($"made up {i}", 2, minute);
        Assert.InRange(attempts.Count, Crowd.MostKeys, Crowd.MostKeys + 64);
        Assert.Null(attempts.TryCharge("known", 2, minute));
        Assert.NotNull(attempts.TryCharge("known", 2, minute));
        Assert.NotNull(attempts.TryCharge("one more", 2, minute)); // shares a count that is used up

        _time.Advance(minute + minute);
        Assert.Null(attempts.TryCharge("another", 2, minute));
        Assert.InRange(attempts.Count, 1, 64);
    }

    private FailureMeter NewMeter() => new(free: 5, TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(1), _time);
}
