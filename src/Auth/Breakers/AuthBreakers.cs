using Polly;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Breakers;

/// <summary>One circuit breaker for each dependency that may be away while auth goes on.</summary>
internal sealed class AuthBreakers(TimeProvider time)
{
    private readonly DependencyBreaker _store = new("store", time, TimeSpan.FromSeconds(2));

    public ResiliencePipeline Store => _store.Pipeline;
}
