using Polly;
using Throughline.Contracts.Threads;
using Throughline.ServiceDefaults;

namespace Throughline.Backend.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while the service goes on.</summary>
internal sealed class DependencyBreakers(TimeProvider time)
{
    private readonly DependencyBreaker _store = new("store", time, TimeSpan.FromSeconds(2));
    private readonly DependencyBreaker _auth = new("auth", time, null);

    public ResiliencePipeline Store => _store.Pipeline;

    /// <summary>Auth's feed of user changes.</summary>
    public ResiliencePipeline Auth => _auth.Pipeline;

    public IReadOnlyList<BreakerState> States => [_store.State, _auth.State];

    /// <summary>Auth runs as a new process, which owes nothing to the failures of the one before.</summary>
    public Task AuthIsNewAsync(CancellationToken cancellationToken) => _auth.CloseAsync(cancellationToken);

    /// <summary>Whether the exception means that a dependency is away, not that we have a bug.</summary>
    public static bool IsAway(Exception exception) => DependencyBreaker.IsAway(exception);
}
