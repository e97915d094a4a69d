using Polly;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while auth goes on.</summary>
internal sealed class AuthBreakers(TimeProvider time)
{
    // Patient: a store that is slow delays a sign-in, which is better than to refuse it. One that is gone fails at once.
    private readonly DependencyBreaker _store = new("store", time, TimeSpan.FromSeconds(5));

    public ResiliencePipeline Store => _store.Pipeline;
}
