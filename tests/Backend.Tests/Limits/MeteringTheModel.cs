using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Throughline.Analysis.Prices;
using Throughline.Backend.Agents.Models;
using Throughline.Contracts.Agents;

namespace Throughline.Backend.Tests.Limits;

/// <summary>Tokens and money of a model, on two nodes that share a store.</summary>
public sealed class MeteringTheModel(NodesOnTheEmbeddedStore platform) : IClassFixture<NodesOnTheEmbeddedStore>
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, new string('x', 2_999))]; // 1,000 tokens at most

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Money_is_reserved_by_the_most_it_may_cost_and_settled_by_what_it_cost()
    {
        var user = Guid.NewGuid();
        // At most 1,000 tokens in at 2 dollars a million and 1,000 out at 8: a cent.
        var options = NewOptions(moneyPerUser: 0.025m);
        var (here, there) = (Quota(0, options), Quota(1, options));
        var first = await here.ReserveAsync(user, Question, 3_000, Stop);
        var second = await there.ReserveAsync(user, Question, 3_000, Stop);
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(await here.ReserveAsync(user, Question, 3_000, Stop));

        await first.SettleAsync(new ModelUsage("m", 100, 100));
        Assert.Equal((24_000 - 10_000, 1_000), await LeftAsync(user, options)); // of the first is left a tenth of a cent
        Assert.NotNull(await there.ReserveAsync(user, Question, 3_000, Stop));
        await second.SettleAsync(new ModelUsage("m", 1_000, 1_000));
        Assert.Null(await here.ReserveAsync(user, Question, 3_000, Stop));
    }

    [Fact]
    public async Task A_call_that_was_not_made_costs_nothing_and_one_that_does_not_say_what_it_was_sent()
    {
        var (user, options) = (Guid.NewGuid(), NewOptions(tokensPerUser: 10_000));
        await (await Quota(0, options).ReserveAsync(user, Question, 3_000, Stop))!.ReleaseAsync();
        Assert.Equal(10_000, await TokensLeftAsync(user, options));
        await (await Quota(0, options).ReserveAsync(user, Question, 3_000, Stop))!.SettleAsync(null);
        Assert.Equal(9_000, await TokensLeftAsync(user, options));
    }

    [Fact]
    public async Task What_a_dead_node_reserved_comes_back_when_its_call_would_be_over()
    {
        var (user, options) = (Guid.NewGuid(), NewOptions(tokensPerUser: 3_000));
        await using (var dying = platform.NewNode())
            Assert.NotNull(await Quota(dying, options).ReserveAsync(user, Question, 3_000, Stop)); // and is never settled

        Assert.Equal(1_000, await TokensLeftAsync(user, options));
        Assert.Null(await Quota(0, options).ReserveAsync(user, Question, 3_000, Stop));
        var charge = Quota(0, options).LooksOf(user)[0] with { Amount = 2_000 };
        // A call may take a tenth of a second and its answer thirty seconds more: the wait that is told is no longer.
        Assert.InRange((await platform.Nodes[1].Limiter.TryChargeAsync([charge], "other", Stop)).RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(31));
    }

    [Fact]
    public async Task Calls_at_once_on_two_nodes_never_spend_more_than_the_quota()
    {
        var (user, options) = (Guid.NewGuid(), NewOptions(tokensPerUser: 21_000));
        var reserved = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Quota(i % 2, options).ReserveAsync(user, Question, 3_000, Stop)));
        Assert.Equal(10, reserved.Count(r => r is not null));
    }

    [Fact]
    public void A_money_quota_of_a_model_without_a_price_stops_the_start()
    {
        var options = new ModelOptions { Endpoint = new Uri("http://127.0.0.1:1/v1"), Name = "our-own", MoneyOfAll = 10 };
        var result = new ModelOptionsValidator().Validate(null, options);
        Assert.Contains("set Model:InputPrice and Model:OutputPrice", Assert.Single(result.Failures!), StringComparison.Ordinal);
        options.InputPrice = options.OutputPrice = 1;
        Assert.True(new ModelOptionsValidator().Validate(null, options).Succeeded);
    }

    private ModelQuota Quota(int node, ModelOptions options) => Quota(platform.Nodes[node], options);

    private static ModelQuota Quota(LimitNode node, ModelOptions options) => new(node.Limiter, Options.Create(options), PriceTable.Load(), TimeProvider.System);

    private async Task<(long Least, long Width)> LeftAsync(Guid user, ModelOptions options)
    {
        var left = (await platform.NewNodeStandingsAsync(Quota(0, options).LooksOf(user), Stop)).Single(s => s.Policy.Name == "model-money").Remaining;
        // Some of what was spent has run out meanwhile: a thousandth of the day's quota takes a minute and a half.
        return (left - (left % 1_000), 1_000);
    }

    private async Task<long> TokensLeftAsync(Guid user, ModelOptions options) => (await platform.NewNodeStandingsAsync(Quota(0, options).LooksOf(user), Stop))[0].Remaining;

    private static ModelOptions NewOptions(decimal? moneyPerUser = null, long tokensPerUser = 1_000_000) => new()
    {
        Endpoint = new Uri("http://127.0.0.1:1/v1"),
        Name = "m",
        Timeout = TimeSpan.FromMilliseconds(100),
        TokensPerUser = tokensPerUser,
        MoneyPerUser = moneyPerUser,
        InputPrice = 2,
        OutputPrice = 8,
    };
}
