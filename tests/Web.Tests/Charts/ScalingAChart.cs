using Throughline.Contracts.Agents;
using Throughline.Web.Charts;

namespace Throughline.Web.Tests.Charts;

public sealed class ScalingAChart
{
    [Theory]
    [InlineData("56.87", null, new[] { 0d, 20, 40, 60 })]
    [InlineData("8.2", "9.9", new[] { 0d, 5, 10 })]
    [InlineData("0", null, new[] { 0d, 1 })]
    [InlineData("1234567", null, new[] { 0d, 500_000, 1_000_000, 1_500_000 })]
    public void The_grid_begins_at_0_in_round_steps_and_holds_every_value(string value, string? high, double[] lines)
    {
        var scale = new ChartScale([new ChartPoint("a", value, value, High: high)]);

        Assert.Equal(lines, scale.Lines);
        Assert.InRange(scale.Y(high ?? value), 0, 100);
    }

    [Theory]
    [InlineData(1500000, "usd", "$1.5M")]
    [InlineData(20, "usd", "$20")]
    [InlineData(12000, "tokens", "12k")]
    [InlineData(0.5, "percent", "0.5 %")]
    public void A_label_is_short_and_carries_its_unit(double value, string unit, string label) => Assert.Equal(label, ChartScale.Label(value, unit));
}
