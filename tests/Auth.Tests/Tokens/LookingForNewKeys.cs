using Microsoft.Extensions.Time.Testing;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Tests.TokenEndpoints;

public sealed class LookingForNewKeys
{
    [Fact]
    public void Is_allowed_five_times_at_once_and_once_a_second_in_the_long_run()
    {
        var time = new FakeTimeProvider();
        var allowance = new RefreshAllowance(time);
        Assert.Equal(5, Uses(allowance));

        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, Uses(allowance));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Uses(allowance));

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Uses(allowance));
    }

    private static int Uses(RefreshAllowance allowance) => Enumerable.Range(0, 100).Count(_ => allowance.TryUse());
}
