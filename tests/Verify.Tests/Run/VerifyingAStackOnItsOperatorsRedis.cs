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

    [Theory]
    [InlineData("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "store.store_full")]
    [InlineData("ACL SETUSER default -eval -evalsha", "ACL SETUSER default +@all", "store.store_forbids")]
    [InlineData("ACL SETUSER default resetkeys", "ACL SETUSER default allkeys", "store.store_forbids")]
    public async Task What_its_Redis_refuses_is_named(string fault, string undo, string cause)
    {
        await platform.Redis.CommandAsync(fault, Stop);
        try
        {
            var (code, result) = await Verifying.RunAsync("--state", platform.State.Root, "--only", "1,2");
            Assert.Equal(1, code);
            Assert.Contains(result.Findings, f => f is { Id: "startup.ready.auth", Verdict: Verdict.Failed }); // readiness itself says so
            Assert.Equal([cause], result.Causes.Select(found => found.Id));
        }
        finally
        {
            await platform.Redis.CommandAsync(undo, Stop);
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
