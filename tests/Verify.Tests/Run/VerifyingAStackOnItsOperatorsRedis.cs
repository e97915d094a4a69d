using Throughline.Testing;

namespace Throughline.Verify.Tests.Run;

/// <summary>A stack without a store of its own: nothing may be asked of one, and what its Redis refuses is that one's fault.</summary>
public sealed class VerifyingAStackOnItsOperatorsRedis(VerifyingAStackOnItsOperatorsRedis.Running platform) : IClassFixture<VerifyingAStackOnItsOperatorsRedis.Running>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_is_well_and_what_is_said_of_its_own_store_is_left_out()
    {
        var (code, result) = await Verifying.RunAsync("--state", platform.State.Root, "--only", "1,2");
        Verifying.AssertWorks(code, result);
        Assert.Contains(result.Findings, f => f is { Id: "startup.ready.store", Verdict: Verdict.Excluded } && f.Reason!.Contains(platform.Redis.Address, StringComparison.Ordinal));
        Assert.Contains(result.Findings, f => f is { Id: "journey.answer.exact", Verdict: Verdict.Passed });
    }

    [Fact]
    public async Task A_Redis_that_is_full_is_named()
    {
        await platform.Redis.CommandAsync("CONFIG SET maxmemory 1", Stop);
        try
        {
            var (code, result) = await Verifying.RunAsync("--state", platform.State.Root, "--only", "1,2");
            Assert.Equal(1, code);
            Assert.Contains(result.Findings, f => f is { Id: "startup.ready.auth", Verdict: Verdict.Failed }); // readiness itself says so
            Assert.Equal(["store.store_full"], result.Causes.Select(cause => cause.Id));
        }
        finally
        {
            await platform.Redis.CommandAsync("CONFIG SET maxmemory 0", Stop);
        }
    }

    public sealed class Running : Platform
    {
        public RedisServer Redis { get; } = new();

        public override async ValueTask InitializeAsync()
        {
            await Redis.InitializeAsync();
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Redis.DisposeAsync();
        }

        protected override ValueTask<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken) => new(["--redis", Redis.Address]);
    }
}
