using Polly;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while auth goes on.</summary>
internal sealed class AuthBreakers
{
    private readonly DependencyBreaker _store;

    public AuthBreakers(KeyValueStore store, TimeProvider time)
    {
        // Patient: a store that is slow delays a sign-in, which is better than to refuse it. One that is gone fails at once.
        _store = new DependencyBreaker("store", time, TimeSpan.FromSeconds(5));
        // Nobody should be turned away by what was true before the store came back.
        store.Restored += () => _ = _store.CloseAsync(CancellationToken.None);
    }

    public ResiliencePipeline Store => _store.Pipeline;
}
