using System.Diagnostics.Metrics;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using StackExchange.Redis;
using Throughline.Contracts.Threads;

namespace Throughline.ServiceDefaults;

/// <summary>Three failures in a row, each within 10 s of the one before, open it for 10 s; then one call tries.</summary>
/// <remarks>
/// The library opens at a share of the calls in a window. By that rule a dependency that dies while it is much used keeps its callers waiting
/// until as many calls have failed as had gone well before; so it is told of a failure only where two others came before it.
/// </remarks>
public sealed class DependencyBreaker
{
    private static readonly Meter Meter = new("Throughline.Breakers");
    private static readonly Counter<long> Changes = Meter.CreateCounter<long>("dependency.breaker.changes", description: "Breakers that opened, half-opened or closed.");

    private const int FailuresToOpen = 3;
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly Predicate<Exception> _isAway;
    private DateTimeOffset _since;
    private int _failures;

    /// <param name="timeout">Longest that one call may take; null where the call has its own limit.</param>
    /// <param name="breakFor">How long it stays open before one call tries. Default: 10 s.</param>
    /// <param name="isAway">Which exceptions count; by default <see cref="IsAway"/>.</param>
    public DependencyBreaker(string name, TimeProvider time, TimeSpan? timeout, TimeSpan? breakFor = null, Predicate<Exception>? isAway = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_name, _time, _since, _isAway) = (name, time, time.GetUtcNow(), isAway ?? IsAway);
        var builder = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(new()
        {
            FailureRatio = 0,
            MinimumThroughput = 2, // the least that the library takes: this failure, and another call within the window
            SamplingDuration = Together,
            BreakDuration = breakFor ?? TimeSpan.FromSeconds(10),
            StateProvider = _circuit,
            ManualControl = _control,
            ShouldHandle = outcome => new(outcome.Outcome.Exception is { } e && _isAway(e) && Volatile.Read(ref _failures) >= FailuresToOpen),
            OnOpened = _ => Changed("open"),
            OnClosed = _ => Changed("closed"),
            OnHalfOpened = _ => Changed("half_open"),
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

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _failures, 0);
        return _control.CloseAsync(cancellationToken);
    }

    /// <summary>Whether the exception means that a dependency is away, not that we have a bug.</summary>
    public static bool IsAway(Exception exception) =>
        exception is RedisException or RedisTimeoutException or StoreUnavailableException or BrokenCircuitException or TimeoutRejectedException
            or TimeoutException or HttpRequestException;

    private ValueTask Changed(string state)
    {
        _since = _time.GetUtcNow();
        Changes.Add(1, new KeyValuePair<string, object?>("dependency", _name), new KeyValuePair<string, object?>("state", state));
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
            else if (breaker._isAway(outcome.Exception)) Interlocked.Increment(ref breaker._failures);
            return outcome;
        }
    }
}
