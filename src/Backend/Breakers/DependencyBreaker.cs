using Polly;
using Polly.CircuitBreaker;
using Throughline.Contracts.Threads;

namespace Throughline.Backend.Breakers;

/// <summary>Three failures within 10 s, if they are half of the calls, open it for 10 s; then one call tries.</summary>
/// <remarks>The library's default opens at 100 calls in 30 s, which a service of this size never makes.</remarks>
internal sealed class DependencyBreaker
{
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly CircuitBreakerManualControl _control = new();
    private DateTimeOffset _since;
    private int _failures;

    public DependencyBreaker(string name, TimeProvider time, TimeSpan? timeout)
    {
        (_name, _time, _since) = (name, time, time.GetUtcNow());
        var builder = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(new()
        {
            FailureRatio = 0.5,
            MinimumThroughput = 3,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = TimeSpan.FromSeconds(10),
            StateProvider = _circuit,
            ManualControl = _control,
            ShouldHandle = new PredicateBuilder().Handle<Exception>(DependencyBreakers.IsAway),
            OnOpened = _ => Changed(),
            OnClosed = _ => Changed(),
            OnHalfOpened = _ => Changed(),
        }).AddStrategy(_ => new CountFailures(this), new CountOptions());
        if (timeout is { } limit) builder.AddTimeout(limit);
        Pipeline = builder.Build();
    }

    public ResiliencePipeline Pipeline { get; }

    public BreakerState State => new(_name, _circuit.CircuitState switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half_open",
        CircuitState.Open or CircuitState.Isolated => "open",
    }, _since, Volatile.Read(ref _failures));

    public Task CloseAsync(CancellationToken cancellationToken) => _control.CloseAsync(cancellationToken);

    private ValueTask Changed()
    {
        _since = _time.GetUtcNow();
        return ValueTask.CompletedTask;
    }

    private sealed class CountOptions : ResilienceStrategyOptions;

    /// <summary>Polly tells states, not counts: failures since the last success.</summary>
    private sealed class CountFailures(DependencyBreaker breaker) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            var outcome = await callback(context, state);
            if (outcome.Exception is null) Volatile.Write(ref breaker._failures, 0);
            else if (DependencyBreakers.IsAway(outcome.Exception)) Interlocked.Increment(ref breaker._failures);
            return outcome;
        }
    }
}
