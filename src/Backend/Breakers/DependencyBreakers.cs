using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using StackExchange.Redis;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while the service goes on: 3 failures open it for 10 s, one call tries.</summary>
internal sealed class DependencyBreakers(TimeProvider time)
{
    private readonly DependencyBreaker _store = new("store", time, TimeSpan.FromSeconds(2));
    private readonly DependencyBreaker _auth = new("auth", time, null);

    public ResiliencePipeline Store => _store.Pipeline;

    /// <summary>Auth's feed of user changes.</summary>
    public ResiliencePipeline Auth => _auth.Pipeline;

    public IReadOnlyList<BreakerState> States => [_store.State, _auth.State];

    /// <summary>Whether the exception means that a dependency is away, not that we have a bug.</summary>
    public static bool IsAway(Exception exception) =>
        exception is RedisException or StoreUnavailableException or BrokenCircuitException or TimeoutRejectedException or TimeoutException
            or HttpRequestException or RedisTimeoutException;
}

internal sealed class DependencyBreaker
{
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
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
            ShouldHandle = new PredicateBuilder().Handle<Exception>(e => DependencyBreakers.IsAway(e)),
            OnOpened = _ => Changed(),
            OnClosed = _ =>
            {
                Interlocked.Exchange(ref _failures, 0);
                return Changed();
            },
            OnHalfOpened = _ => Changed(),
        });
        if (timeout is { } limit) builder.AddTimeout(limit);
        Pipeline = builder.AddStrategy(_ => new CountFailures(() => Interlocked.Increment(ref _failures)), new CountOptions()).Build();
    }

    public ResiliencePipeline Pipeline { get; }

    public BreakerState State => new(_name, _circuit.CircuitState switch
    {
        CircuitState.Closed => "closed",
        CircuitState.HalfOpen => "half_open",
        CircuitState.Open or CircuitState.Isolated => "open",
    }, _since, Volatile.Read(ref _failures));

    private ValueTask Changed()
    {
        _since = _time.GetUtcNow();
        return ValueTask.CompletedTask;
    }

    private sealed class CountOptions : ResilienceStrategyOptions;

    /// <summary>Polly tells states, not counts.</summary>
    private sealed class CountFailures(Action count) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            var outcome = await callback(context, state);
            if (outcome.Exception is { } e && DependencyBreakers.IsAway(e)) count();
            return outcome;
        }
    }
}
