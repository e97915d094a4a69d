using Throughline.ServiceDefaults;

namespace Throughline.Backend.Tests.Breakers;

public sealed class BudgetingRetries
{
    private readonly RetryBudget _budget = new(TimeProvider.System);
    private int _calls;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_repeated_three_times_at_most()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(fails: int.MaxValue));
        Assert.Equal(4, _calls);
    }

    [Fact]
    public async Task A_call_that_succeeds_at_the_second_time_is_an_answer()
    {
        Assert.Equal(2, await AskAsync(fails: 1));
    }

    [Fact]
    public async Task While_all_fail_a_tenth_of_the_calls_is_repeated()
    {
        for (var i = 0; i < 200; i++) await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(fails: int.MaxValue));
        Assert.InRange(_calls - 200, 20, 20 + 3); // a process begins with three
    }

    [Fact]
    public async Task What_is_no_passing_fault_is_not_repeated()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _budget.ExecuteAsync<int>(_ => { _calls++; throw new InvalidOperationException(); }, e => e is HttpRequestException, Stop));
        Assert.Equal(1, _calls);
    }

    private async Task<int> AskAsync(int fails)
    {
        var before = _calls;
        return await _budget.ExecuteAsync(_ => ++_calls - before <= fails ? throw new HttpRequestException("away") : Task.FromResult(_calls - before), e => e is HttpRequestException, Stop);
    }
}
