using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Tests.Breakers;

/// <summary>Three failures in a row open it for ten seconds; then one call tries.</summary>
public sealed class OpeningABreaker
{
    private static readonly TimeSpan Open = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-11-28T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly DependencyBreaker _breaker;

    public OpeningABreaker() => _breaker = new DependencyBreaker("thing", _time, timeout: null);

    private string State => _breaker.State.State;

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    public async Task Three_failures_in_a_row_open_it_however_much_went_well_before(int before)
    {
        for (var i = 0; i < before; i++) await SucceedAsync();
        await FailAsync();
        await FailAsync();
        Assert.Equal(("closed", 2), (State, _breaker.State.Failures));
        await FailAsync();
        Assert.Equal(("open", 3), (State, _breaker.State.Failures));
        await Assert.ThrowsAsync<BrokenCircuitException>(SucceedAsync);
    }

    [Fact]
    public async Task A_success_between_them_begins_the_count_anew()
    {
        for (var i = 0; i < 5; i++)
        {
            await FailAsync();
            await FailAsync();
            await SucceedAsync();
        }

        Assert.Equal(("closed", 0), (State, _breaker.State.Failures));
    }

    [Fact]
    public async Task Failures_far_apart_leave_it_closed()
    {
        for (var i = 0; i < 5; i++)
        {
            await FailAsync();
            _time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal("closed", State);
    }

    [Fact]
    public async Task What_is_no_failure_of_the_dependency_does_not_count()
    {
        for (var i = 0; i < 5; i++) await Assert.ThrowsAsync<FormatException>(() => FailAsync(new FormatException()));
        Assert.Equal(("closed", 0), (State, _breaker.State.Failures));
    }

    [Fact]
    public async Task Half_open_one_call_decides()
    {
        for (var i = 0; i < 3; i++) await FailAsync();
        _time.Advance(Open);
        await FailAsync();
        Assert.Equal("open", State);
        await Assert.ThrowsAsync<BrokenCircuitException>(SucceedAsync);

        _time.Advance(Open);
        await SucceedAsync();
        Assert.Equal(("closed", 0), (State, _breaker.State.Failures));
        await FailAsync();
        await FailAsync();
        Assert.Equal("closed", State);
    }

    [Fact]
    public async Task Closed_by_hand_it_owes_nothing_to_the_failures_before()
    {
        for (var i = 0; i < 3; i++) await FailAsync();
        await _breaker.CloseAsync(TestContext.Current.CancellationToken);
        await FailAsync();
        await FailAsync();
        Assert.Equal(("closed", 2), (State, _breaker.State.Failures));
    }

    private async Task SucceedAsync() => await _breaker.Pipeline.ExecuteAsync(_ => ValueTask.CompletedTask, TestContext.Current.CancellationToken);

    private async Task FailAsync() => await Assert.ThrowsAsync<TimeoutException>(() => FailAsync(new TimeoutException()));

    private async Task FailAsync(Exception exception) => await _breaker.Pipeline.ExecuteAsync(ValueTask (_) => throw exception, TestContext.Current.CancellationToken);
}
