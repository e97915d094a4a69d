using CsCheck;

namespace Throughline.Verify.Tests.Graph;

public sealed class MoneyOnAnyPath
{
    [Fact]
    public void What_is_protected_exposed_and_unverified_is_the_total_to_the_cent() => RandomPath.Any.Sample(path =>
        Assert.Equal(path.Graph.Revenue.Streams.Sum(s => decimal.Parse(s.Monthly, System.Globalization.CultureInfo.InvariantCulture)), path.Money.Protected + path.Money.AtRisk + path.Money.Unverified));

    [Fact]
    public void Breaking_more_never_lowers_what_is_exposed() => Gen.Select(RandomPath.Any, Gen.Int[0, int.MaxValue]).Sample((path, bits) =>
    {
        var more = path.Breaking(f => (f.Id.GetHashCode(StringComparison.Ordinal) & bits) % 3 == 0);
        Assert.True(more.Money.AtRisk >= path.Money.AtRisk);
    });

    [Fact]
    public void What_each_cause_holds_alone_and_what_they_share_is_what_is_exposed() => RandomPath.Any.Sample(path =>
    {
        var money = path.Money;
        Assert.Equal(money.AtRisk, money.Exclusive + money.Shared);
        Assert.Equal(money.Exclusive, money.Causes.Sum(c => c.Exclusive));
    });

    [Fact]
    public void Mending_one_cause_takes_exactly_its_own_share_out_of_what_is_exposed() => RandomPath.Any.Sample(path =>
    {
        foreach (var cause in path.Causes)
        {
            var share = path.Money.Causes.Single(c => c.Cause == cause.Id);
            Assert.Equal(path.Money.AtRisk - share.Exclusive, path.Mending(cause).Money.AtRisk);
        }
    });

    [Fact]
    public void Mending_every_cause_leaves_nothing_exposed() => RandomPath.Any.Sample(path =>
        Assert.Equal(0, path.Causes.Aggregate(path, (mended, cause) => mended.Mending(cause)).Money.AtRisk));

    [Fact]
    public void Causes_are_listed_by_the_money_that_mending_them_returns() => RandomPath.Any.Sample(path =>
        Assert.Equal(path.Money.Causes.Select(c => c.Exclusive).OrderDescending(), path.Money.Causes.Select(c => c.Exclusive)));
}
